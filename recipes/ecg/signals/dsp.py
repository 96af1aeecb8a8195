"""Signal preparation shared with `src/models/ecg/signal.ts`: the same arithmetic in the same order.

A recording of any rate becomes two leads at 125 Hz, without mains and baseline, in units of its own QRS height.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RATE = 125.0  # Hz, rate inside the model
CUTOFF = 40.0  # Hz: keeps the QRS, leaves out 50 and 60 Hz mains
HALF_WIDTH = 0.16  # s, each side of the Hann-windowed sinc: about 10 Hz of transition
PHASES = 64  # sub-sample positions of the kernel table
BOX = 75  # samples (0.6 s) of each of three running means: their subtraction is a high-pass near 0.45 Hz
SCALE_WINDOW = 250  # samples (2 s)
FLAT = 0.02  # mV: a lead whose typical 2 s span is below is taken as absent
CLIP = 3.0  # in units of the typical 2 s span

F64 = NDArray[np.float64]


class Prepared(NamedTuple):
    signal: NDArray[np.float32]  # [2, n] at RATE
    present: tuple[bool, bool]
    scale: tuple[float, float]  # mV of one unit


def fill_gaps(x: NDArray[np.float32]) -> F64:
    """NaN takes the last value before it; at the start the first after it; all NaN gives zeros."""
    out = x.astype(np.float64)
    good = np.isfinite(out)
    if not good.any():
        return np.zeros_like(out)
    index = np.maximum.accumulate(np.where(good, np.arange(out.size), -1))
    return out[np.where(index < 0, int(np.argmax(good)), index)]


def resample(x: F64, fs: float) -> F64:
    """Windowed-sinc resampling to RATE; edges repeat the end values. Output length: floor(n * RATE / fs)."""
    half = int(np.ceil(HALF_WIDTH * fs))
    taps = np.arange(-half, half + 1)  # [2 * half + 1]
    t = (taps[None, :] - np.arange(PHASES)[:, None] / PHASES) / fs  # [PHASES, taps] s
    kernel = np.sinc(2 * CUTOFF * t) * np.where(np.abs(t) < HALF_WIDTH, 0.5 + 0.5 * np.cos(np.pi * t / HALF_WIDTH), 0)
    kernel /= kernel.sum(axis=1, keepdims=True)
    count = int(np.floor(x.size * RATE / fs + 1e-9))
    position = np.arange(count) * (fs / RATE)
    tick = np.floor(position * PHASES + 0.5).astype(np.int64)
    base, phase = tick // PHASES, tick % PHASES
    padded = np.concatenate([np.full(half, x[0]), x, np.full(half + 2, x[-1])])
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps.size)
    out = np.empty(count)
    for p in range(PHASES):
        at = np.nonzero(phase == p)[0]
        out[at] = windows[base[at]] @ kernel[p]
    return out


def running_mean(x: F64, width: int) -> F64:
    """Mean over `width` samples around each one, over those that exist at the ends."""
    half = width // 2
    total = np.concatenate([[0.0], np.cumsum(x)])
    low = np.maximum(np.arange(x.size) - half, 0)
    high = np.minimum(np.arange(x.size) + half + 1, x.size)
    return np.asarray((total[high] - total[low]) / (high - low))


def remove_baseline(x: F64) -> F64:
    return x - running_mean(running_mean(running_mean(x, BOX), BOX), BOX)


def typical_span(x: F64) -> float:
    """Median over whole 2 s windows of max - min (the mean of the middle two when even)."""
    count = max(1, x.size // SCALE_WINDOW)
    width = min(SCALE_WINDOW, x.size)
    spans = [float(np.ptp(x[k * width : (k + 1) * width])) for k in range(count)]
    return float(np.median(spans))


def lead_order(names: list[str]) -> list[int]:
    """Which lead is read as first and second: limb lead II (MLII) first, V1 second, otherwise in the given order."""
    plain = [re.sub(r"[^A-Z0-9]", "", name.upper()) for name in names]
    first = next((i for i, name in enumerate(plain) if name in ("MLII", "II", "ML2", "LEADII", "LEAD2")), 0)
    rest = [i for i in range(len(names)) if i != first]
    second = next((i for i in rest if plain[i] in ("V1", "MV1", "C1")), rest[0] if rest else -1)
    return [first] if second < 0 else [first, second]


def prepare(signals: NDArray[np.float32], fs: float, names: list[str]) -> Prepared:
    """signals [n_leads, n] mV -> two leads [2, n * RATE / fs]; an absent or flat lead is zero."""
    count = int(np.floor(signals.shape[1] * RATE / fs + 1e-9))
    out = np.zeros((2, count), dtype=np.float32)
    present, scale = [False, False], [0.0, 0.0]
    for row, lead in enumerate(lead_order(names)):
        clean = remove_baseline(resample(fill_gaps(signals[lead]), fs))
        span = typical_span(clean)
        if span < FLAT:
            continue
        out[row] = np.clip(clean / span, -CLIP, CLIP)
        present[row], scale[row] = True, span
    return Prepared(out, (present[0], present[1]), (scale[0], scale[1]))
