"""What the classifier sees of each beat; the same arithmetic stands in `src/models/ecg/features.ts`.

Every quantity is relative to the patient's own recording: beats beside the dominant beat, intervals beside the
local and whole-recording quantiles. So nothing has to be learnt about a patient, whom the model has never seen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PRE, POST = 56, 80  # samples before and after R: 0.45 s (P wave) and 0.64 s (T wave)
LENGTH = PRE + POST
QRS = slice(PRE - 12, PRE + 16)
WIDE = slice(PRE - 18, PRE + 30)
P_WAVE = slice(PRE - 32, PRE - 10)
TEMPLATE_BEATS = 200
SAME = 0.9  # correlation above which two beats share a shape
NEAR = 16  # beats each side that make the local quantiles
RHYTHM = 14
MORPHOLOGY = 7  # a lead
COMPANY = 8  # beats each side whose mean a beat is also compared with
FEATURES = RHYTHM + 2 * MORPHOLOGY + 2
RIVAL = 0.7  # of the largest group's size
EPS = 1e-6
UNREST = RHYTHM - 1  # column of the features
P_ALIKE = (RHYTHM + MORPHOLOGY - 1, RHYTHM + 2 * MORPHOLOGY - 1)  # columns: P wave beside those of the neighbours

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]


class Beats(NamedTuple):
    windows: F32  # [n, 4, LENGTH]: lead 1, lead 2, dominant beat of lead 1, of lead 2
    features: F32  # [n, FEATURES]


def cut(signal: F32, peaks: NDArray[np.int64], pre: int = PRE, post: int = POST) -> F64:
    """[n, 2, pre + post]; zero outside the recording."""
    padded = np.pad(signal.astype(np.float64), ((0, 0), (pre, post)))
    return np.asarray(padded[:, peaks[:, None] + np.arange(pre + post)[None, :]].transpose(1, 0, 2))


def dominant(windows: F64) -> F64:
    """Mean [2, LENGTH] of the largest group of beats with one QRS shape, out of at most 200 spread over the record.

    Of groups nearly as large (bigeminy) that with the narrowest beat is taken: the conducted one.
    """
    count = min(TEMPLATE_BEATS, windows.shape[0])
    some = windows[(np.arange(count) * windows.shape[0]) // count]
    shape = some[:, :, QRS] - some[:, :, QRS].mean(axis=2, keepdims=True)
    flat = shape.reshape(count, -1)
    flat = flat / (np.sqrt((flat * flat).sum(axis=1, keepdims=True)) + EPS)
    alike = flat @ flat.T > SAME
    size = alike.sum(axis=1)
    width = _spread(some[:, :, WIDE]).sum(axis=1)  # of both leads
    centre = int(np.argmin(np.where(size >= RIVAL * size.max(), width, np.inf)))
    members = alike[centre]
    members[centre] = True
    return np.asarray(some[members].mean(axis=0))


def rhythm_features(times: F64) -> F64:
    """times [n] s -> [n, RHYTHM]: logarithms of ratios of intervals, so that the heart rate itself drops out."""
    n = times.size
    if n < 2:
        return np.zeros((n, RHYTHM))
    rr = np.maximum(np.diff(times), 0.1)  # rr[k] lies between beats k and k + 1
    record = np.quantile(rr, [0.2, 0.5, 0.8])
    local, unrest = np.empty((n, 3)), np.empty(n)
    for i in range(n):
        near = rr[max(0, i - NEAR) : min(n - 1, i + NEAR)]
        local[i] = np.quantile(near, [0.2, 0.5, 0.8])
        unrest[i] = np.abs(np.diff(near)).mean() / local[i, 1] if near.size > 1 else 0.0
    index = np.arange(n)
    before = rr[np.clip(index - 1, 0, n - 2)]
    after = rr[np.clip(index, 0, n - 2)]
    before2 = rr[np.clip(index - 2, 0, n - 2)]
    after2 = rr[np.clip(index + 1, 0, n - 2)]
    low, mid, high = local[:, 0], local[:, 1], local[:, 2]
    ratios = [
        before / mid, after / mid, before / high, after / high, before / low, before / before2, after / before,
        before2 / mid, after2 / mid, before / record[1], before / record[2], high / low, mid / 0.8,
    ]  # fmt: skip
    out = np.log(np.stack(ratios, axis=1))
    return np.asarray(np.clip(np.column_stack([out, unrest]), -1.5, 1.5))


def _spread(x: F64) -> F64:
    """Standard deviation in samples of where the slope of x [..., L] lies: a width that needs no onset."""
    slope = np.abs(np.diff(x, axis=-1))
    at = np.arange(slope.shape[-1])
    total = slope.sum(axis=-1) + EPS
    centre = (slope * at).sum(axis=-1) / total
    return np.asarray(np.sqrt((slope * (at - centre[..., None]) ** 2).sum(axis=-1) / total) + EPS)


def _correlation(x: F64, y: F64) -> F64:
    x = x - x.mean(axis=-1, keepdims=True)
    y = y - y.mean(axis=-1, keepdims=True)
    return np.asarray((x * y).sum(axis=-1) / (np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1)) + EPS))


def company(windows: F64) -> F64:
    """Mean [n, LENGTH] of the 8 beats before and after each one, without itself; of a lone beat zero."""
    n = windows.shape[0]
    total = np.concatenate([np.zeros((1, windows.shape[1])), np.cumsum(windows, axis=0)])
    low, high = np.maximum(np.arange(n) - COMPANY, 0), np.minimum(np.arange(n) + COMPANY + 1, n)
    return np.asarray((total[high] - total[low] - windows) / np.maximum(high - low - 1, 1)[:, None])


def morphology_features(windows: F64, template: F64) -> F64:
    """windows [n, LENGTH] and template [LENGTH] of one lead -> [n, MORPHOLOGY]."""
    around = company(windows)
    p, p0 = windows[:, P_WAVE], template[P_WAVE]
    span, span0 = np.ptp(windows[:, WIDE], axis=1), np.ptp(template[WIDE])
    strength = (np.std(p, axis=1) + 0.01) / (np.std(p0) + 0.01)
    out = [
        _correlation(windows[:, QRS], template[QRS]),
        _correlation(p, p0),
        np.log(strength),
        np.log((span + 0.01) / (span0 + 0.01)),
        np.log(_spread(windows[:, WIDE]) / _spread(template[WIDE])),
        _correlation(windows[:, QRS], around[:, QRS]),
        _correlation(p, around[:, P_WAVE]),
    ]
    return np.asarray(np.clip(np.stack(out, axis=1), -1.5, 1.5))


def describe(signal: F32, peaks: NDArray[np.int64], present: tuple[bool, bool], times: F64, margin: int = 0) -> Beats:
    """signal [2, m] at RATE, peaks [n] in its samples, times [n] s -> inputs of the classifier.

    With `margin` the windows are so many samples longer at each end (for training with shifted beats).
    """
    outer = cut(signal, peaks, PRE + margin, POST + margin)
    windows = outer[:, :, margin : margin + LENGTH]
    template = dominant(windows)
    height = np.maximum(np.ptp(template[:, WIDE], axis=1), 0.05)  # [2]
    windows = windows / height[None, :, None]
    template = template / height[:, None]
    parts = [rhythm_features(times)]
    for lead in (0, 1):
        shape = morphology_features(windows[:, lead], template[lead])
        parts.append(shape if present[lead] else np.zeros_like(shape))
    parts.append(np.tile(np.array(present, dtype=np.float64), (peaks.size, 1)))
    outer = outer / height[None, :, None]
    held = np.pad(template, ((0, 0), (margin, margin)))
    both = np.concatenate([outer, np.broadcast_to(held, outer.shape)], axis=1)
    return Beats(np.clip(both, -4, 4).astype(np.float32), np.concatenate(parts, axis=1).astype(np.float32))


def fibrillation(features: F32) -> F64:
    """features [n, FEATURES] -> [n] from 0 to 1: uneven intervals together with P waves unlike their neighbours'.

    Without P waves there are no atrial premature beats, so that an early narrow beat there is not of class S. Both
    ramps were set on the training half: fibrillation in 201 and 203 lies beyond both, no other rhythm of DS1 does.
    """
    n = features.shape[0]
    alike = features[:, P_ALIKE].max(axis=1).astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(alike)])
    low, high = np.maximum(np.arange(n) - NEAR, 0), np.minimum(np.arange(n) + NEAR + 1, n)
    mean = (total[high] - total[low]) / (high - low)
    uneven = np.clip((features[:, UNREST].astype(np.float64) - 0.1) / 0.1, 0, 1)
    return np.asarray(uneven * np.clip((0.65 - mean) / 0.15, 0, 1))
