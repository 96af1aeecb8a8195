"""Learns from the training recordings which pieces of signal can be read, and what is no ECG at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus import Example
from fit import detect, pick
from networks import Detector
from signals.scope import PIECE, Rule, foreign_prepared, learn, piece_features

REAL_EACH, FOREIGN = 40, 1500


def learn_scope(
    examples: list[Example], detector: Detector, threshold: float, seed: int, foreign: int = FOREIGN
) -> Rule:
    """Real pieces: up to 40 of 10 s a recording, as they are and upside down; foreign ones are made."""
    rng = np.random.default_rng([seed, 5])
    real: list[NDArray[np.float64]] = []
    made: list[NDArray[np.float64]] = []
    for example in examples:
        size = example.signal.shape[1]
        for start in rng.integers(0, max(1, size - PIECE + 1), min(REAL_EACH, max(1, size // PIECE))):
            piece = example.signal[:, start : start + PIECE] * rng.choice([-1.0, 1.0], (2, 1)).astype(np.float32)
            if rng.random() < 0.3:
                piece[int(rng.integers(2))] = 0
            if not piece.any():
                continue
            probability = detect(detector, piece)
            if probability.max() < threshold:
                continue  # nothing a rule could be learnt from: such a stretch is unreadable even if it is an ECG
            real.append(piece_features(piece, probability, pick(probability, threshold), 0))
    for _ in range(foreign):
        example = examples[int(rng.integers(len(examples)))]
        if example.signal.shape[1] < 1600:
            example = max(examples, key=lambda e: e.signal.shape[1])
        signal = foreign_prepared(rng, example.signal)[:, :PIECE]
        probability = detect(detector, signal)
        made.append(piece_features(signal, probability, pick(probability, threshold), 0))
    return learn(np.stack(real), np.stack(made))
