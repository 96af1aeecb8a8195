"""Is this an electrocardiogram that can be read? The same arithmetic stands in `src/models/ecg/quality.ts`.

A recording is looked at in pieces of 10 s; each piece gets a few numbers, and a logistic rule learnt here says whether
heartbeats can be read in it. What is not an ECG is made (noise, sines, brain-like and pulse-like signals, torn ECG).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from signals.dsp import RATE, prepare

PIECE = 1250  # samples at 125 Hz: 10 s
PIECES = 60  # at most so many are looked at, spread over the recording
SHAPE = (12, 16)  # samples before and after R that make a QRS
SCOPE_FEATURES = 9
EPS = 1e-6

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class Rule(NamedTuple):
    mean: F64  # [SCOPE_FEATURES]; weight also for every product of two of them
    scale: F64
    weight: F64
    bias: float


def starts(length: int) -> list[int]:
    """First samples of the pieces; a rest shorter than a piece is covered by shifting the last one back."""
    if length <= PIECE:
        return [0]
    count = min(PIECES, length // PIECE)
    return [int((k * (length - PIECE)) // max(1, count - 1)) if count > 1 else 0 for k in range(count)]


def piece_features(signal: F32, probability: F32, peaks: F64, start: int) -> F64:
    """signal [2, n], probability [n], peaks in samples -> [SCOPE_FEATURES] of the piece that begins at `start`."""
    x = signal[:, start : start + PIECE].astype(np.float64)
    p = probability[start : start + PIECE].astype(np.float64)
    at = np.floor(peaks + 0.5).astype(np.int64) - start
    at = at[(at >= SHAPE[0]) & (at < x.shape[1] - SHAPE[1])]
    alike, peaked, rough, dense, wide = 0.0, 0.0, 3.0, 0.0, 20.0
    for lead in x:
        power = float((lead * lead).mean())
        if power < 1e-8:
            continue
        centred = lead - lead.mean()
        peaked = max(peaked, float((centred**4).mean() / ((centred**2).mean() ** 2 + 1e-12)))
        rough = min(rough, float(np.sqrt((np.diff(lead) ** 2).mean() / power)))
        if at.size >= 3:
            beats = np.stack([lead[k - SHAPE[0] : k + SHAPE[1]] for k in at])
            beats = beats - beats.mean(axis=1, keepdims=True)
            mean = beats.mean(axis=0)
            bottom = np.sqrt((beats**2).sum(axis=1) * (mean**2).sum()) + EPS
            alike = max(alike, float(((beats @ mean) / bottom).mean()))
            inside = np.zeros(lead.size, dtype=bool)
            inside[(at[:, None] + np.arange(-10, 11)[None, :]).reshape(-1)] = True
            dense = max(dense, float((lead[inside] ** 2).sum() / (power * lead.size) / inside.mean()))
            slope = np.abs(np.diff(mean))
            centre = (slope * np.arange(slope.size)).sum() / (slope.sum() + EPS)
            spread = (slope * (np.arange(slope.size) - centre) ** 2).sum() / (slope.sum() + EPS)
            wide = min(wide, float(np.sqrt(spread)))
    seconds = x.shape[1] / RATE
    return np.array([
        float(p[at].mean()) if at.size else 0.0,
        float(np.minimum(p, 1 - p).mean()) * 10,
        alike,
        float(np.log(peaked + 1)),
        float(np.log((at.size + 0.5) / seconds / 1.25)) ** 2,
        rough,
        float(np.log(dense + 0.1)),
        wide,
        1.0 if at.size >= 3 else 0.0,
    ])  # fmt: skip


def score(rule: Rule, features: F64) -> F64:
    """features [n, SCOPE_FEATURES] -> probability [n] that beats can be read."""
    z = expand((features - rule.mean) / rule.scale) @ rule.weight + rule.bias
    return np.asarray(1 / (1 + np.exp(-z)))


def expand(z: F64) -> F64:
    """[n, k] standardised, limited to 3 -> [n, k + k * (k + 1) / 2]: themselves, then every product, row by row."""
    z = np.clip(z, -3, 3)
    products = [z[:, i] * z[:, j] for i in range(z.shape[1]) for j in range(i, z.shape[1])]
    return np.column_stack([z, *products])


def learn(real: F64, foreign: F64, steps: int = 3000) -> Rule:
    """Logistic regression with a small ridge, both sides of equal weight."""
    x = np.concatenate([real, foreign])
    y = np.concatenate([np.ones(len(real)), np.zeros(len(foreign))])
    share = np.where(y == 1, 0.5 / len(real), 0.5 / len(foreign))
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    z = expand((x - mean) / scale)
    weight, bias = np.zeros(z.shape[1]), 0.0
    for _ in range(steps):
        gap = (1 / (1 + np.exp(-(z @ weight + bias))) - y) * share
        weight -= 0.2 * (z.T @ gap + 1e-4 * weight)
        bias -= 0.2 * float(gap.sum())
    return Rule(mean, scale, weight, bias)


def foreign_signal(rng: Generator, ecg: F32) -> tuple[F32, float]:
    """Two leads [2, n] mV of something that is no ECG, and its rate in Hz. `ecg` [2, m] at 125 Hz is torn for some."""
    fs = float(rng.choice([100, 125, 250, 360, 500]))
    size = int(fs * 12)
    t = np.arange(size) / fs
    kind = int(rng.choice(13, p=[0.05, 0.05, 0.06, 0.2, 0.06, 0.06, 0.06, 0.06, 0.06, 0.06, 0.14, 0.08, 0.06]))
    x = np.zeros((2, size))
    for lead in (0, 1):
        if kind == 0:
            x[lead] = rng.normal(0, 1, size)
        elif kind == 1:
            x[lead] = np.cumsum(rng.normal(0, 1, size))
        elif kind == 2:
            x[lead] = sum(
                rng.uniform(0, 1) * np.sin(6.283 * f * t + rng.uniform(0, 6)) for f in rng.uniform(0.5, 35, 3)
            )
        elif kind == 3:  # brain-like: 1/f with an alpha rhythm
            blinks = rng.uniform(0, 12, int(rng.integers(0, 9)))
            blink = np.sum([rng.uniform(0, 4) * np.exp(-(((t - at) / 0.1) ** 2)) for at in [*blinks, -9]], axis=0)
            alpha = rng.uniform(0, 1.5) * np.sin(6.283 * rng.uniform(8, 13) * t)
            swell = 1 + 0.5 * np.sin(6.283 * 0.3 * t + rng.uniform(0, 6))
            x[lead] = blink + _coloured(size, fs, float(rng.uniform(0.5, 1.3)), rng) + alpha * swell
        elif kind == 4:  # pulse wave: smooth, periodic
            f, second = rng.uniform(0.8, 2.2), rng.uniform(0.1, 0.5)
            x[lead] = np.sin(6.283 * f * t) + second * np.sin(12.566 * f * t + 1) + rng.normal(0, 0.02, size)
        elif kind == 5:  # square or sawtooth
            f = rng.uniform(0.5, 8)
            x[lead] = np.sign(np.sin(6.283 * f * t)) if rng.random() < 0.5 else (f * t) % 1
        elif kind == 6:  # muscle: noise in bursts
            x[lead] = rng.normal(0, 1, size) * (0.1 + (np.sin(6.283 * rng.uniform(0.2, 2) * t) > 0.3))
        elif kind == 7:  # a torn ECG: 100 to 200 ms pieces in random order
            width = int(rng.integers(12, 25))
            begin = int(rng.integers(0, ecg.shape[1] - 1500))
            part = ecg[min(lead, 1), begin : begin + 1500 // width * width].reshape(-1, width)
            torn = part[rng.permutation(part.shape[0])].reshape(-1)
            x[lead] = np.interp(t, np.arange(torn.size) / RATE, torn)
        elif kind == 8:
            x[lead] = _coloured(size, fs, float(rng.uniform(0, 2)), rng)
        elif kind == 10:  # pulse wave of two bumps of 60 to 150 ms
            f, wide = rng.uniform(0.8, 2.2), rng.uniform(0.06, 0.15)
            phase = np.mod(t + np.cumsum(rng.normal(0, 0.002, size)), 1 / f)
            echo = rng.uniform(0, 0.6) * np.exp(-(((phase - 0.35 / f) / (1.2 * wide)) ** 2) / 2)
            x[lead] = np.exp(-(((phase - 0.2 / f) / wide) ** 2) / 2) + echo + rng.normal(0, 0.01, size)
        elif kind == 11:  # sawtooth
            x[lead] = np.mod(rng.uniform(0.5, 4) * t, 1) * rng.choice([-1, 1]) + rng.normal(
                0, rng.uniform(0, 0.03), size
            )
        elif kind == 12:  # square wave with noise
            x[lead] = np.sign(np.sin(6.283 * rng.uniform(0.4, 6) * t)) + rng.normal(0, rng.uniform(0.01, 0.1), size)
        else:  # random spikes
            for k in rng.integers(0, size, int(rng.integers(5, 60))):
                x[lead, k : k + int(rng.integers(1, 6))] += rng.normal(0, 1)
            x[lead] += rng.normal(0, 0.05, size)
    x *= np.exp(rng.normal(-0.5, 1)) / (x.std(axis=1, keepdims=True) + 1e-6)
    if rng.random() < 0.3:
        x[1] = 0
    return x.astype(np.float32), fs


def _coloured(size: int, fs: float, power: float, rng: Generator) -> F64:
    spectrum = np.fft.rfft(rng.normal(0, 1, size))
    frequency = np.maximum(np.fft.rfftfreq(size, 1 / fs), 0.5)
    return np.asarray(np.fft.irfft(spectrum / frequency**power, size))


def foreign_prepared(rng: Generator, ecg: F32) -> F32:
    x, fs = foreign_signal(rng, ecg)
    return prepare(x, fs, ["A", "B"]).signal
