"""Cross-validation by recording inside the training part: the only ground on which anything here is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from fit import MARGIN, Source, classify
from networks import Classifier
from numpy.typing import NDArray
from scoring import class_table, f1

BIASES = np.arange(-2.0, 2.01, 0.25)
Probabilities = dict[str, NDArray[np.float32]]


def out_of_fold(
    names: list[str], sources: dict[str, Source], folds: int, fit: Callable[[list[str], int], Classifier]
) -> Probabilities:
    """Probabilities [n, 5] of every recording by a model that never saw it; record k is in fold k mod `folds`."""
    out: Probabilities = {}
    if folds < 2 or len(names) < folds:
        return out
    for k in range(folds):
        model = fit([name for i, name in enumerate(names) if i % folds != k], k)
        for name in names[k::folds]:
            windows = sources[name].windows[:, :, MARGIN:-MARGIN].astype(np.float32)
            out[name] = classify([model], windows, sources[name].features)
    return out


def calibrated(probability: NDArray[np.float32], temperature: float, bias: NDArray[np.float64]) -> NDArray[np.float64]:
    """softmax(log p / temperature + bias)"""
    z = np.log(probability.astype(np.float64) + 1e-9) / temperature + bias
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(z / z.sum(axis=1, keepdims=True))


def tune(probabilities: Probabilities, sources: dict[str, Source]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Class bias that gives the best sum of F1 of S, V and F, then the temperature of least log loss."""
    bias = np.zeros(5)
    if not probabilities:
        return {"temperature": 1.0, "bias": bias.tolist()}, {}
    p = np.concatenate(list(probabilities.values()))
    y = np.concatenate([sources[name].labels for name in probabilities])
    p, y = p[y >= 0], y[y >= 0]
    for _ in range(2):
        for k in (1, 2, 3):
            trials = []
            for value in BIASES:
                bias[k] = value
                trials.append(_objective(_confusion(p, y, bias)))
            best = np.nonzero(np.array(trials) >= max(trials) - 0.004)[0]  # the smallest correction among the near best
            bias[k] = BIASES[best[np.argmin(np.abs(BIASES[best]))]]
    temperatures = np.arange(0.6, 2.01, 0.05)
    losses = [-np.log(calibrated(p, t, bias / t)[np.arange(y.size), y] + 1e-12).mean() for t in temperatures]
    temperature = float(temperatures[int(np.argmin(losses))])
    # The stored bias is divided too: so the temperature moves no boundary between classes.
    confusion = _confusion(p, y, bias)
    figures = {"folds_by": "recording", "confusion": confusion.tolist(), **class_table(confusion)}
    return {"temperature": temperature, "bias": (bias / temperature).tolist()}, figures


def _confusion(p: NDArray[np.float32], y: NDArray[np.int64], bias: NDArray[np.float64]) -> NDArray[np.int64]:
    out = np.zeros((5, 5), dtype=np.int64)
    np.add.at(out, (y, np.argmax(np.log(p.astype(np.float64) + 1e-9) + bias, axis=1)), 1)
    return out


def _objective(confusion: NDArray[np.int64]) -> float:
    table = class_table(confusion)
    return sum(f1(table[f"{k}_se"], table[f"{k}_p"]) or 0.0 for k in "SVF")
