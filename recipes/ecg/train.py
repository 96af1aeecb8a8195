"""Trains the model `ecg`: R peaks and AAMI beat classes. Run with --help; see README.md."""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

HERE = Path(__file__).resolve().parent
MISSING = """{what} is not installed. Any of these gives what training needs:
  apt-get install -y --no-install-recommends python3-torch python3-numpy   (then run with /usr/bin/python3)
  python3 -m pip install -r {requirements}"""


class Profile(NamedTuple):
    detector: int  # steps
    classifier: int  # steps
    members: int
    folds: int  # of the cross-validation by recording that sets temperature and class bias; 0: none
    variants: int  # synthetic recordings made of each one
    foreign: int  # signals that are no ECG, for the scope rule


FULL = Profile(1600, 400, 2, 4, 3, 1000)
QUICK = Profile(500, 300, 1, 2, 1, 300)
SMOKE = Profile(40, 30, 1, 0, 1, 40)
DETECTION_THRESHOLD = 0.4
SCOPE_THRESHOLD = 0.5
SYNTHETIC_WEIGHT = 0.7


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with dataset.json (a task `ecg-beats` with annotations)")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model; a killed run continues from it")
    parser.add_argument("--seed", type=int, default=20250101)
    parser.add_argument("--max-steps", type=int, help="upper limit of the steps of each network")
    parser.add_argument(
        "--threads", type=int, default=min(2, os.cpu_count() or 1), help="of torch; 1 on a busy machine"
    )
    parser.add_argument("--quick", action="store_true", help="minutes on two cores; weaker")
    parser.add_argument("--smoke", action="store_true", help="within a minute on the fixture; shows only that it runs")
    return parser.parse_args()


def main() -> int:
    args = arguments()
    for what in ("numpy", "torch"):
        if importlib.util.find_spec(what) is None:
            print(MISSING.format(what=what, requirements=HERE / "requirements.txt"), file=sys.stderr)
            return 3
    import torch

    if int(torch.__version__.split(".")[0]) >= 2 and importlib.util.find_spec("onnx") is None:
        print(
            MISSING.format(what="onnx (torch 2 exports with it)", requirements=HERE / "requirements.txt"),
            file=sys.stderr,
        )
        return 3
    sys.path.insert(0, str(HERE))
    from corpus import BadData, beat_rows, load

    if args.data is None and not args.smoke:
        print("--data is missing: name a folder with a dataset.json (only --smoke brings its own)", file=sys.stderr)
        return 2
    if args.max_steps is not None and args.max_steps < 1:
        print("--max-steps must be at least 1", file=sys.stderr)
        return 2
    data = args.data if args.data is not None else HERE / "fixtures"
    try:
        rows = beat_rows(data, "train")
        examples = [load(row) for row in rows]
    except (BadData, KeyError) as cause:
        print(f"cannot train on {data}: {cause}", file=sys.stderr)
        return 2
    usable = [e for e in examples if e.samples.size >= 8 and any(e.present)]
    if not usable:
        print(f"cannot train on {data}: no record has 8 beats and a signal", file=sys.stderr)
        return 2
    profile = SMOKE if args.smoke else QUICK if args.quick else FULL
    if args.max_steps is not None:
        profile = profile._replace(
            detector=min(profile.detector, args.max_steps), classifier=min(profile.classifier, args.max_steps)
        )
    torch.set_num_threads(max(1, args.threads))
    _train(args, data, rows, usable, profile)
    return 0


if TYPE_CHECKING:
    from corpus import Example, Row


def _train(args: argparse.Namespace, data: Path, rows: list[Row], examples: list[Example], profile: Profile) -> None:
    import numpy as np

    from calibrate import out_of_fold, tune
    from corpus import digest
    from fit import Checkpoint, say, source, train_classifier, train_detector
    from fit_scope import learn_scope
    from networks import ClassifierGraph, DetectorGraph
    from signals.rhythm import synthesise
    from weak import weak_examples

    began = time.monotonic()
    work = args.out / "checkpoints"
    work.mkdir(parents=True, exist_ok=True)
    # A checkpoint is continued only by a run with the same data, seed and settings: its name carries their digest.
    base = f"{args.seed} {digest(data, rows)} {profile.detector}"
    key = _short(f"{base} {profile}")
    say("start", records=len(examples), beats=int(sum(e.labels.size for e in examples)), **profile._asdict())
    detector = train_detector(examples, profile.detector, args.seed, Checkpoint(work / f"{_short(base)}-detector.pt"))
    weak = weak_examples(data, detector, DETECTION_THRESHOLD, args.seed)
    say("weak", records=len(weak), beats=int(sum(e.labels.size for e in weak)))
    real = {e.name: source(e) for e in examples}
    weakly = [source(e) for e in weak]

    def fit(names: list[str], seed: int, checkpoint: Checkpoint) -> Any:
        chosen = [e for e in examples if e.name in set(names)]
        made = [source(e, SYNTHETIC_WEIGHT) for e in synthesise(chosen, weak, profile.variants, seed)]
        return train_classifier([real[n] for n in names], made, weakly, profile.classifier, seed, checkpoint)

    names = [e.name for e in examples]
    probabilities = out_of_fold(names, real, profile.folds, lambda part, k: fit(
        part, args.seed + 50 + k, Checkpoint(work / f"{key}-fold{k}.pt")))  # fmt: skip
    calibration, figures = tune(probabilities, real)
    members = [fit(names, args.seed + k, Checkpoint(work / f"{key}-member{k}.pt")) for k in range(profile.members)]
    rule = learn_scope(examples + weak, detector, DETECTION_THRESHOLD, args.seed, profile.foreign)
    say("export")
    import torch

    torch.save(
        {"detector": detector.state_dict(), "members": [m.state_dict() for m in members]}, args.out / "networks.pt"
    )
    _export(args.out, DetectorGraph([detector]), ClassifierGraph(members))
    scope = {
        "threshold": SCOPE_THRESHOLD, "mean": rule.mean.tolist(), "scale": rule.scale.tolist(),
        "weight": rule.weight.tolist(), "bias": rule.bias,
    }  # fmt: skip
    _write(args.out / "calibration.json", {**calibration, "detection": DETECTION_THRESHOLD, "scope": scope})
    _write(args.out / "labels.json", {"labels": ["N", "S", "V", "F", "Q"], "standard": "ANSI/AAMI EC57"})
    _write(args.out / "metrics.json", {"schema": "pilotbase.recipe-metrics/1", "cross_validation": figures})
    _write(args.out / "run.json", {
        "schema": "pilotbase.recipe-run/1", "recipe": "ecg", "seed": args.seed, "profile": profile._asdict(),
        "dataset": digest(data, rows), "records": names, "weak_records": len(weak),
        "libraries": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        "hardware": {"machine": platform.machine(), "cores": os.cpu_count()},
        "seconds": round(time.monotonic() - began, 1),
    })  # fmt: skip
    files = ["detector.onnx", "classifier.onnx", "labels.json", "calibration.json", "metrics.json", "run.json"]
    listing = [
        {"path": f, "sha256": hashlib.sha256((args.out / f).read_bytes()).hexdigest(),
         "bytes": (args.out / f).stat().st_size} for f in files
    ]  # fmt: skip
    _write(args.out / "manifest.json", {"schema": "pilotbase.weights/1", "model": "ecg", "files": listing})
    say("done", seconds=round(time.monotonic() - began, 1), **figures)


def _export(out: Path, detector: Any, classifier: Any) -> None:
    import inspect

    import torch

    from signals.beats import FEATURES, LENGTH

    # torch 2 has two exporters; the older one is in every version and writes the plain operators of opset 13.
    extra: dict[str, Any] = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        detector.eval(), (torch.zeros(1, 2, 4096),), str(out / "detector.onnx"), opset_version=13,
        input_names=["signal"], output_names=["probability"],
        dynamic_axes={"signal": {0: "batch", 2: "samples"}, "probability": {0: "batch", 1: "samples"}}, **extra,
    )  # fmt: skip
    torch.onnx.export(
        classifier.eval(), (torch.zeros(9, 4, LENGTH), torch.zeros(9, FEATURES)), str(out / "classifier.onnx"),
        opset_version=13, input_names=["windows", "features"], output_names=["probability"],
        dynamic_axes={"windows": {0: "beats"}, "features": {0: "beats"}, "probability": {0: "beats"}}, **extra,
    )  # fmt: skip


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
