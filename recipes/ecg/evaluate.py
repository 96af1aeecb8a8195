"""Scores the model on one part of a data folder: beat by beat (EC57) and by class at the given beats, with intervals.

With --model the trained networks are run here; with --from a file of predictions is scored, one JSON object a line:
{"record": "103", "beats": [[sample, "N"], …], "at_reference": ["N", …]}. The answer is one JSON object on stdout.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

PREDICTIONS = dict[str, tuple[list[list[Any]], list[str]]]


class Scored(NamedTuple):
    record: str
    from_start: Any  # matrices of scoring.compare
    from_5min: Any
    confusion: Any  # [5, 5] at the reference beats


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="test", help="train, test or another part of dataset.json")
    parser.add_argument("--task", help="id in dataset.json; default: the first with beat annotations")
    parser.add_argument("--paced", action="store_true", help="the records that dataset.json excludes, instead")
    parser.add_argument("--model", type=Path, help="the --out folder of train.py")
    parser.add_argument("--from", dest="file", type=Path, help="predictions, one JSON object a line")
    args = parser.parse_args()
    if (args.model is None) == (args.file is None):
        print("give one of --model and --from", file=sys.stderr)
        return 2
    if importlib.util.find_spec("numpy") is None or (args.model and importlib.util.find_spec("torch") is None):
        print("numpy and, with --model, torch are needed: see requirements.txt", file=sys.stderr)
        return 3
    import numpy as np

    from corpus import BadData, beat_rows, load
    from scoring import AAMI, CLASSES, Beat, compare

    try:
        examples = [load(row) for row in beat_rows(args.data, args.part, args.task, args.paced)]
        found = _run(args.model, examples) if args.model else _read(args.file)
        missing = [e.name for e in examples if e.name not in found]
        if missing:
            raise BadData(f"no predictions for {', '.join(missing)}")
    except (BadData, OSError, ValueError) as cause:
        print(f"cannot evaluate: {cause}", file=sys.stderr)
        return 2
    scored: list[Scored] = []
    for e in examples:
        beats, classes = found[e.name]
        reference = [Beat(int(s), int(c)) for s, c in zip(e.samples, e.labels)]
        test = [Beat(int(s), CLASSES.index(c)) for s, c in beats]
        confusion = np.zeros((5, 5), dtype=np.int64)
        for label, name in zip(e.labels, classes):
            confusion[label, CLASSES.index(name)] += 1
        scored.append(Scored(e.name, compare(reference, test, e.fs, 0, e.flutter),
                             compare(reference, test, e.fs, 300, e.flutter), confusion))  # fmt: skip
    assert set(AAMI.values()) == set(CLASSES)
    print(json.dumps(summary(scored), ensure_ascii=False))
    return 0


def summary(scored: list[Scored]) -> dict[str, Any]:
    from scoring import class_table, rates

    out: dict[str, Any] = {"schema": "pilotbase.recipe-evaluation/1", "groups": {}, "records": {}}
    choices = {"all": scored}
    if any(s.record == "202" for s in scored):  # the same man as 201, who is in the training half
        choices["without_202"] = [s for s in scored if s.record != "202"]
    for name, part in choices.items():
        out["groups"][name] = {
            "records": len(part),
            "from_5min": _table([s.from_5min for s in part], rates),
            "from_start": _table([s.from_start for s in part], rates),
            "classes": _table([s.confusion for s in part], class_table),
        }
    for s in scored:
        out["records"][s.record] = {
            "from_5min": rates(s.from_5min), "from_start": rates(s.from_start),
            "matrix": s.from_start.tolist(), "confusion": s.confusion.tolist(),
        }  # fmt: skip
    return out


def _table(matrices: list[Any], metrics: Any) -> dict[str, Any]:
    import numpy as np

    from scoring import bootstrap

    total = np.sum(matrices, axis=0)
    gross = metrics(total)
    each = [metrics(m) for m in matrices]
    out: dict[str, Any] = {"matrix": total.tolist(), "figures": {}}
    for key, value in gross.items():
        defined = [row[key] for row in each if row[key] is not None]
        out["figures"][key] = {
            "gross": value,
            "ci": bootstrap(matrices, _one(metrics, key)) if value is not None else None,
            "average": float(np.mean(defined)) if defined else None,
            "defined": len(defined),
        }
    return out


def _one(metrics: Any, key: str) -> Any:
    return lambda matrix: metrics(matrix)[key]


def _run(model: Path, examples: list[Any]) -> PREDICTIONS:
    import numpy as np
    import torch

    from signals.beats import describe
    from calibrate import calibrated, damped
    from signals.dsp import RATE
    from fit import classify, detect, pick
    from networks import Classifier, Detector
    from scoring import CLASSES

    state = torch.load(model / "networks.pt", map_location="cpu")
    rule = json.loads((model / "calibration.json").read_text(encoding="utf-8"))
    detector = Detector().eval()
    detector.load_state_dict(state["detector"])
    members = []
    for weights in state["members"]:
        members.append(Classifier().eval())
        members[-1].load_state_dict(weights)

    def label(e: Any, peaks: Any, samples: Any) -> list[str]:
        beats = describe(e.signal, peaks, e.present, samples / e.fs)
        logs = damped(classify(members, beats.windows, beats.features), beats.features, rule["fibrillation"])
        p = calibrated(logs, rule["temperature"], np.array(rule["bias"]))
        return [CLASSES[k] for k in p.argmax(axis=1)]

    out: PREDICTIONS = {}
    for e in examples:
        at = pick(detect(detector, e.signal), rule["detection"])
        samples = np.floor(at * e.fs / RATE + 0.5).astype(np.int64)
        classes = label(e, np.floor(at + 0.5).astype(np.int64), samples)
        out[e.name] = [[int(s), c] for s, c in zip(samples, classes)], label(e, e.peaks, e.samples)
    return out


def _read(file: Path) -> PREDICTIONS:
    out: PREDICTIONS = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            out[row["record"]] = row["beats"], row["at_reference"]
        except (json.JSONDecodeError, KeyError, TypeError) as cause:
            raise ValueError(f"{file.name}, line {number}: {cause}") from cause
    return out


if __name__ == "__main__":
    raise SystemExit(main())
