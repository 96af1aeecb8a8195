"""Writes fixtures/cases.json: what the Python arithmetic gives on small inputs. The TypeScript must give the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signals.beats import describe, fibrillation, rhythm_features
from signals.dsp import RATE, prepare, remove_baseline, resample, typical_span
from fit import pick
from signals.scope import piece_features, starts
from signals.wfdb_io import read_annotations, read_record

HERE = Path(__file__).resolve().parent


def _short(x: NDArray[Any], every: int = 1) -> list[Any]:
    return [float(f"{v:.7g}") for v in np.asarray(x, dtype=np.float64).reshape(-1)[::every]]


def wave(count: int, fs: float) -> NDArray[np.float64]:
    """A test tone that both languages make by the same formula."""
    t = np.arange(count) / fs
    return np.asarray(np.sin(6.283185307179586 * 1.3 * t) + 0.3 * np.sin(6.283185307179586 * 17 * t + 0.5) + 0.5 * t)


def build() -> dict[str, Any]:
    cases: dict[str, Any] = {"resample": [], "records": []}
    for fs, count in ((100.0, 130), (360.0, 500), (250.5, 333), (1000.0, 1100)):
        out = resample(wave(count, fs), fs)
        cases["resample"].append({"fs": fs, "count": count, "expected": _short(out)})
    long = wave(700, RATE)
    cases["baseline"] = {"count": 700, "expected": _short(remove_baseline(long), 7), "span": typical_span(long)}
    times = np.cumsum([0.3, 0.8, 0.82, 0.5, 1.1, 0.79, 0.4, 0.4, 0.41, 1.3, 0.8])
    cases["rhythm"] = {"times": _short(times), "expected": _short(rhythm_features(times))}
    bumps = np.exp(-((np.arange(120)[:, None] - np.array([[20.3, 40.1, 75.6, 110.0]])) ** 2) / 6) * [
        0.9,
        0.7,
        0.3,
        0.95,
    ]
    probability = bumps.sum(axis=1).astype(np.float32)
    cases["pick"] = {"probability": _short(probability), "expected": _short(pick(probability, 0.4))}
    cases["starts"] = [{"length": n, "expected": starts(n)} for n in (800, 1250, 2600, 5000)]
    for name in ("118s", "208s"):
        record = read_record(HERE / "fixtures" / name)
        notes = read_annotations(HERE / "fixtures" / f"{name}.atr")
        samples = np.array([note.sample for note in notes])
        ready = prepare(record.signals, record.fs, record.leads)
        peaks = np.floor(samples * (RATE / record.fs) + 0.5).astype(np.int64)
        beats = describe(ready.signal, peaks, ready.present, samples / record.fs)
        probability = np.zeros(ready.signal.shape[1], dtype=np.float32)
        probability[peaks[peaks < probability.size]] = 0.875
        scope = piece_features(ready.signal, probability, peaks.astype(np.float64), 625)
        cases["records"].append({
            "record": name, "beats": samples.tolist(), "signal": _short(ready.signal, 97),
            "windows": _short(beats.windows, 211), "features": _short(beats.features), "scope": _short(scope),
            "fibrillation": _short(fibrillation(beats.features)),
        })  # fmt: skip
    return cases


if __name__ == "__main__":
    text = json.dumps(build(), separators=(",", ":"))
    (HERE / "fixtures" / "cases.json").write_text(text + "\n", encoding="utf-8")
