"""Short 12-lead recordings whose label says that no beat is ectopic or paced: many more patients of class N."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corpus import UNKNOWN, Example, weak_records
from signals.dsp import RATE, prepare
from fit import detect, pick
from networks import Detector
from signals.wfdb_io import BadRecord, read_record

# Pairs of leads as a two-lead recorder may see them; the first is that of most of MIT-BIH (MLII and V1).
PAIRS = (("II", "V1"), ("II", "V1"), ("II", "V5"), ("II", "V2"), ("I", "V5"), ("II", "V4"))
LEAST_BEATS = 5


def weak_examples(data: Path, detector: Detector, threshold: float, seed: int) -> list[Example]:
    """Beats come from the detector. A recording where one looks premature is left out: its label may have missed it."""
    rng = np.random.default_rng([seed, 3])
    out: list[Example] = []
    for name, path in weak_records(data):
        try:
            record = read_record(path)
        except BadRecord:
            continue  # a table may list records that the folder does not carry; they are not needed
        pair = PAIRS[int(rng.integers(len(PAIRS)))]
        rows = [record.leads.index(lead) for lead in pair if lead in record.leads]
        if len(rows) < 2:
            continue
        ready = prepare(record.signals[rows], record.fs, list(pair))
        probability = detect(detector, ready.signal)
        peaks = pick(probability, threshold)
        if peaks.size < LEAST_BEATS:
            continue
        rr = np.diff(peaks)
        irregular = float(np.std(np.diff(rr)) / np.median(rr))
        labels = np.zeros(peaks.size, dtype=np.int64)
        if irregular < 0.25:  # a premature beat in an otherwise even rhythm has no class of its own here
            middle = float(np.median(rr))
            labels[1:][rr < 0.85 * middle] = UNKNOWN
        samples = np.round(peaks).astype(np.int64)
        out.append(
            Example(name, RATE, ready.signal, ready.present, samples, labels, [], np.zeros(labels.size, np.bool_))
        )
    return out
