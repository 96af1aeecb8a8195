"""Cross-validation by recording inside the training part: the only ground on which anything here is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from signals.beats import fibrillation
from fit import MARGIN, Source, classify
from networks import Classifier
from scoring import class_table

BIASES = np.arange(-2.0, 2.01, 0.25)  # of S and V; F has too few patients to choose one
NEAR_BEST = 0.04  # of the objective: the smallest correction among those so near the best is taken
FIBRILLATION_PENALTY = 3.0  # taken from log p of S where there is fibrillation
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


def damped(probability: NDArray[np.float32], features: NDArray[np.float32], penalty: float) -> NDArray[np.float64]:
    """Logarithms [n, 5] of the probabilities, that of S lowered by `penalty` where the rhythm is fibrillation."""
    z = np.log(probability.astype(np.float64) + 1e-9)
    z[:, 1] -= penalty * fibrillation(features)
    return z


def calibrated(logs: NDArray[np.float64], temperature: float, bias: NDArray[np.float64]) -> NDArray[np.float64]:
    """logs [n, 5] of `damped` -> softmax(logs / temperature + bias)"""
    z = logs / temperature + bias
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(z / z.sum(axis=1, keepdims=True))


def tune(probabilities: Probabilities, sources: dict[str, Source]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Bias of S and V, then the temperature of least log loss."""
    bias = np.zeros(5)
    if not probabilities:
        return {"temperature": 1.0, "bias": bias.tolist(), "fibrillation": FIBRILLATION_PENALTY}, {}
    p = np.concatenate(
        [damped(value, sources[name].features, FIBRILLATION_PENALTY) for name, value in probabilities.items()]
    )
    y = np.concatenate([sources[name].labels for name in probabilities])
    groups = np.repeat(np.arange(len(probabilities)), [sources[name].labels.size for name in probabilities])
    p, y, groups = p[y >= 0], y[y >= 0], groups[y >= 0]
    for _ in range(2):
        for k in (1, 2):
            trials = []
            for value in BIASES:
                bias[k] = value
                trials.append(_objective(p, y, groups, bias))
            best = np.nonzero(np.array(trials) >= max(trials) - NEAR_BEST)[0]
            bias[k] = BIASES[best[np.argmin(np.abs(BIASES[best]))]]
    temperatures = np.arange(0.6, 2.01, 0.05)
    losses = [-np.log(calibrated(p, t, bias / t)[np.arange(y.size), y] + 1e-12).mean() for t in temperatures]
    temperature = float(temperatures[int(np.argmin(losses))])
    # The stored bias is divided too: so the temperature moves no boundary between classes.
    confusion = _confusion(p, y, bias)
    figures = {"folds_by": "recording", "confusion": confusion.tolist(), **class_table(confusion)}
    calibration = {"temperature": temperature, "bias": (bias / temperature).tolist()}
    return {**calibration, "fibrillation": FIBRILLATION_PENALTY}, figures


def _confusion(p: NDArray[np.float64], y: NDArray[np.int64], bias: NDArray[np.float64]) -> NDArray[np.int64]:
    out = np.zeros((5, 5), dtype=np.int64)
    np.add.at(out, (y, np.argmax(p + bias, axis=1)), 1)
    return out


def _objective(
    p: NDArray[np.float64], y: NDArray[np.int64], groups: NDArray[np.int64], bias: NDArray[np.float64]
) -> float:
    """F1 of S and V over all beats, and their mean over recordings with 10 such beats: no recording decides alone."""
    labels = np.argmax(p + bias, axis=1)
    total = 0.0
    for k in (1, 2):
        truth, guess = y == k, labels == k
        hit = np.bincount(groups, truth & guess)
        both = np.bincount(groups, truth) + np.bincount(groups, guess)
        enough = np.bincount(groups, truth) >= 10
        total += 2 * float(hit.sum()) / max(1.0, float(both.sum()))
        if enough.any():
            total += float((2 * hit[enough] / both[enough]).mean())
    return total
