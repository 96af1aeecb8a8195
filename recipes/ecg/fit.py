"""Trains the two networks. Every step draws from its own seeded generator, so that a resumed run repeats exactly."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from signals.beats import FEATURES, LENGTH, MORPHOLOGY, RHYTHM, describe
from corpus import UNKNOWN, Example
from signals.dsp import RATE
from networks import Classifier, Detector

CROP = 4096  # samples of a detector example: 33 s
ROW = 48  # beats of a classifier example
MARGIN = 3  # samples by which a beat may be shifted
F32 = NDArray[np.float32]


class Source(NamedTuple):
    """A recording as the classifier sees it."""

    name: str
    windows: NDArray[np.float16]  # [n, 4, LENGTH + 2 * MARGIN]
    features: F32  # [n, FEATURES]
    labels: NDArray[np.int64]  # [n]
    weights: F32  # [n]


def say(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


def _generator(seed: int, stage: int, step: int) -> Generator:
    return np.random.default_rng([seed, stage, step])


class Checkpoint:
    """Keeps model, optimiser and step of one stage in a file; `path` None keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def load(self, model: torch.nn.Module, optimiser: torch.optim.Optimizer, average: torch.nn.Module) -> int:
        if self.path is None or not self.path.exists():
            return 0
        state = torch.load(self.path, map_location="cpu")
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        return int(state["step"])

    def save(
        self, model: torch.nn.Module, optimiser: torch.optim.Optimizer, average: torch.nn.Module, step: int
    ) -> None:
        if self.path is None:
            return
        part = self.path.with_suffix(".part")
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
        torch.save({**state, "step": step}, part)
        part.replace(self.path)


def _run(
    model: torch.nn.Module, average: torch.nn.Module, batch: Callable[[Generator], Tensor], steps: int, seed: int,
    stage: int, name: str, checkpoint: Checkpoint, rate: float,
) -> None:  # fmt: skip
    """AdamW on a one-cycle rate; `average` follows the weights with decay 0.995 and is what is kept."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.02)
    done = checkpoint.load(model, optimiser, average)
    losses: list[float] = []
    began = time.monotonic()
    for step in range(done, steps):
        share = step / steps
        warm = min(1.0, (step + 1) / max(1, steps * 0.05))
        for group in optimiser.param_groups:
            group["lr"] = rate * warm * (0.5 + 0.5 * float(np.cos(np.pi * share))) + 1e-6
        torch.manual_seed(seed * 1_000_003 + stage * 100_003 + step)
        model.train()
        loss = batch(_generator(seed, stage, step))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        decay = min(0.995, (step + 1) / (step + 10))
        with torch.no_grad():
            for kept, new in zip(average.state_dict().values(), model.state_dict().values()):
                if kept.dtype.is_floating_point:
                    kept.mul_(decay).add_(new, alpha=1 - decay)
                else:
                    kept.copy_(new)
        losses.append(loss.item())
        if (step + 1) % 50 == 0 or step + 1 == steps:
            say("progress", stage=name, step=step + 1, of=steps, loss=round(float(np.mean(losses[-50:])), 5),
                seconds=round(time.monotonic() - began, 1))  # fmt: skip
        if (step + 1) % 200 == 0 or step + 1 == steps:
            checkpoint.save(model, optimiser, average, step + 1)


# ---- detector ----


def _noise(size: int, rng: Generator) -> F32:
    """One of: white, band-limited, baseline steps that decay, slow wander, a sine, in units of the QRS height."""
    kind = rng.integers(5)
    level = float(np.exp(rng.uniform(np.log(0.01), np.log(0.35))))
    if kind == 0:
        x = rng.normal(0, level, size)
    elif kind == 1:
        x = np.convolve(rng.normal(0, 1, size + 8), np.ones(int(rng.integers(2, 8))), "same")[:size]
        x = x / (x.std() + 1e-6) * level
    elif kind == 2:
        x = np.zeros(size)
        for at in rng.integers(0, size, int(rng.integers(1, 12))):
            tail = np.exp(-np.arange(size - at) / rng.uniform(3, 60))
            x[at:] += rng.normal(0, 6 * level) * tail
    elif kind == 3:
        x = level * 3 * np.sin(np.arange(size) / RATE * 6.283 * rng.uniform(0.4, 1.5) + rng.uniform(0, 6.3))
    else:
        x = level * np.sin(np.arange(size) / RATE * 6.283 * rng.uniform(5, 40))
    if rng.random() < 0.5:  # in a burst only
        low, high = np.sort(rng.integers(0, size, 2))
        x[:low] = 0
        x[high:] = 0
    return x.astype(np.float32)


def detector_example(example: Example, rng: Generator) -> tuple[F32, F32, F32]:
    """Signal [2, CROP], target [CROP] (a bell of 12 ms at each R), weight [CROP]."""
    stretch = float(np.exp(rng.uniform(-0.3, 0.3)))
    need = int(CROP * stretch) + 2
    start = int(rng.integers(-200, max(1, example.signal.shape[1] - need + 200)))
    at = start + np.arange(CROP) * stretch
    grid = np.arange(example.signal.shape[1])
    x = np.stack([np.interp(at, grid, row, left=0, right=0) for row in example.signal]).astype(np.float32)
    where = (example.samples * (RATE / example.fs) - start) / stretch
    target, weight = np.zeros(CROP, np.float32), np.ones(CROP, np.float32)
    for peak in where[(where > -8) & (where < CROP + 8)]:
        low, high = max(0, int(peak) - 6), min(CROP, int(peak) + 8)
        target[low:high] = np.maximum(target[low:high], np.exp(-((np.arange(low, high) - peak) ** 2) / 4.5))
    weight += 5 * target
    for span in example.flutter:
        begin, end = (int((v * RATE / example.fs - start) / stretch) for v in span)
        weight[max(0, begin) : max(0, min(CROP, end))] = 0
    if rng.random() < 0.04:
        x = np.stack([_noise(CROP, rng) * 8 for _ in (0, 1)])
        target, weight = np.zeros(CROP, np.float32), np.ones(CROP, np.float32)
    for lead in (0, 1):
        x[lead] *= float(np.exp(rng.normal(0, 0.35))) * (-1 if rng.random() < 0.25 else 1)
        if rng.random() < 0.15:
            x[lead] *= np.interp(np.arange(CROP), np.linspace(0, CROP, 6), rng.uniform(0.3, 1.5, 6))
        for _ in range(int(rng.integers(0, 3))):
            x[lead] += _noise(CROP, rng)
    one = rng.random()
    if one < 0.25:
        x[0 if one < 0.08 else 1] = 0
    if rng.random() < 0.3:
        x = x[::-1]
    return np.clip(x, -3, 3).astype(np.float32), target, weight


def train_detector(examples: list[Example], steps: int, seed: int, checkpoint: Checkpoint, batch: int = 16) -> Detector:
    torch.manual_seed(seed)
    model, average = Detector(), Detector()
    average.load_state_dict(model.state_dict())

    def loss(rng: Generator) -> Tensor:
        drawn = [detector_example(examples[int(rng.integers(len(examples)))], rng) for _ in range(batch)]
        x, target, weight = (torch.from_numpy(np.stack(part)) for part in zip(*drawn))
        each = torch.nn.functional.binary_cross_entropy_with_logits(model(x), target, reduction="none")
        return (each * weight).mean()

    _run(model, average, loss, steps, seed, 1, "detector", checkpoint, 3e-3)
    return average.eval()


def detect(detector: Detector, signal: F32) -> F32:
    """Probabilities [n] at each sample of a prepared signal [2, n]."""
    size = signal.shape[1]
    padded = np.pad(signal, ((0, 0), (0, -size % 16)))
    with torch.no_grad():
        return torch.sigmoid(detector(torch.from_numpy(padded[None].copy())))[0, :size].numpy()


def pick(probability: F32, threshold: float, refractory: int = 25) -> NDArray[np.float64]:
    """Peaks [n] in samples with a parabola's fraction: maxima above the threshold, the higher of two within 200 ms."""
    p = probability.astype(np.float64)
    inner = np.nonzero((p[1:-1] >= threshold) & (p[1:-1] >= p[:-2]) & (p[1:-1] > p[2:]))[0] + 1
    kept: list[int] = []
    for at in inner:
        if kept and at - kept[-1] < refractory:
            if p[at] > p[kept[-1]]:
                kept[-1] = int(at)
            continue
        kept.append(int(at))
    index = np.array(kept, dtype=np.int64)
    a, b, c = p[index - 1], p[index], p[index + 1]
    bend = a - 2 * b + c
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (a - c) / np.where(bend == 0, 1, bend), 0)
    return np.asarray(index + np.clip(shift, -0.5, 0.5))


# ---- classifier ----


def source(example: Example, share: float = 1.0) -> Source:
    """Weights: many beats of one class in one patient count less each, so that no patient makes a class."""
    beats = describe(example.signal, example.peaks, example.present, example.samples / example.fs, MARGIN)
    weights = np.full(example.labels.size, share, dtype=np.float32)
    for k, bonus in enumerate([1.0, 1.3, 1.2, 1.0, 0.5]):
        here = example.labels == k
        if k and here.any():
            weights[here] *= bonus * float(np.clip((here.sum() / 40) ** -0.4, 0.35, 1.3))
    weights[example.doubtful] *= 0.25
    weights[example.labels == UNKNOWN] = 0
    return Source(example.name, beats.windows.astype(np.float16), beats.features, example.labels, weights)


def _row(source: Source, rng: Generator) -> tuple[Any, ...]:
    n = source.labels.size
    rare = np.nonzero((source.labels > 0) & (source.labels < 4))[0]
    if rare.size and rng.random() < 0.6:
        kinds = np.unique(source.labels[rare])
        some = rare[source.labels[rare] == rng.choice(kinds)]
        first = int(rng.choice(some)) - int(rng.integers(ROW))
    else:
        first = int(rng.integers(0, max(1, n - ROW + 1)))
    first = max(0, min(first, n - ROW))
    part = slice(first, first + ROW)
    fill = ROW - min(ROW, n)
    shift = int(rng.integers(-MARGIN, MARGIN + 1))
    at = MARGIN + np.clip(shift + rng.integers(-1, 2, min(ROW, n)), -MARGIN, MARGIN)
    columns = at[:, None] + np.arange(LENGTH)[None, :]
    raw = source.windows[part]
    beat = np.take_along_axis(raw[:, :2], columns[:, None, :], axis=2)
    windows = np.concatenate([beat, raw[:, 2:, MARGIN:-MARGIN]], axis=1).astype(np.float32)
    features = source.features[part].copy()
    weights, labels = source.weights[part], source.labels[part]
    there = np.ones(labels.size, np.float32)
    if rng.random() < 0.15:
        windows = windows[:, [1, 0, 3, 2]]
        first_lead = features[:, RHYTHM : RHYTHM + MORPHOLOGY].copy()
        features[:, RHYTHM : RHYTHM + MORPHOLOGY] = features[:, RHYTHM + MORPHOLOGY : RHYTHM + 2 * MORPHOLOGY]
        features[:, RHYTHM + MORPHOLOGY : RHYTHM + 2 * MORPHOLOGY] = first_lead
        features[:, -2:] = features[:, [-1, -2]]
    for lead in (0, 1):
        sign = -1 if rng.random() < 0.15 else 1
        windows[:, [lead, lead + 2]] *= sign * float(np.exp(rng.normal(0, 0.2)))
        windows[:, lead] *= np.exp(rng.normal(0, 0.05, (windows.shape[0], 1))).astype(np.float32)
        windows[:, lead] += rng.normal(0, 1, (windows.shape[0], 1)).astype(np.float32) * rng.choice([0, 0.05])
        windows[:, lead] += rng.normal(0, 1, windows[:, lead].shape).astype(np.float32) * rng.uniform(0, 0.06)
    lost = int(rng.choice([-1, 0, 1], p=[0.82, 0.05, 0.13]))
    if lost >= 0 and features[0, FEATURES - 2 + (1 - lost)] > 0:
        windows[:, [lost, lost + 2]] = 0
        features[:, RHYTHM + lost * MORPHOLOGY : RHYTHM + (lost + 1) * MORPHOLOGY] = 0
        features[:, FEATURES - 2 + lost] = 0
    features[:, :RHYTHM] += rng.normal(0, 0.02, (features.shape[0], RHYTHM)).astype(np.float32)
    features[:, RHYTHM:-2] += rng.normal(0, 0.03, (features.shape[0], 2 * MORPHOLOGY)).astype(np.float32)
    parts = (windows, features, labels, weights, there)
    return tuple(np.pad(x, [(0, fill)] + [(0, 0)] * (x.ndim - 1)) for x in parts)


def train_classifier(
    real: list[Source], synthetic: list[Source], weak: list[Source], steps: int, seed: int, checkpoint: Checkpoint,
    batch: int = 20, shares: tuple[float, float, float] = (0.55, 0.3, 0.15), dropout: float = 0.3,
) -> Classifier:  # fmt: skip
    torch.manual_seed(seed)
    model, average = Classifier(dropout=dropout), Classifier(dropout=dropout)
    average.load_state_dict(model.state_dict())
    pools = [(pool, share) for pool, share in zip((real, synthetic, weak), shares) if pool]
    odds = np.array([share for _, share in pools]) / sum(share for _, share in pools)

    def loss(rng: Generator) -> Tensor:
        rows = []
        for _ in range(batch):
            pool = pools[int(rng.choice(len(pools), p=odds))][0]
            rows.append(_row(pool[int(rng.integers(len(pool)))], rng))
        windows, features, labels, weights, there = (torch.from_numpy(np.stack(part)) for part in zip(*rows))
        logits = model(windows, features, there)
        each = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), labels.flatten().clamp(min=0), reduction="none", label_smoothing=0.02
        )
        weight = weights.flatten()
        return (each * weight).sum() / weight.sum().clamp(min=1)

    _run(model, average, loss, steps, seed, 2, "classifier", checkpoint, 2e-3)
    return average.eval()


def classify(members: list[Classifier], windows: F32, features: F32) -> F32:
    """Probabilities [n, 5] of consecutive beats of one recording."""
    if windows.shape[0] == 0:
        return np.zeros((0, 5), dtype=np.float32)
    with torch.no_grad():
        x, f = torch.from_numpy(windows)[None], torch.from_numpy(features)[None]
        return torch.stack([torch.softmax(member(x, f)[0], 1) for member in members]).mean(0).numpy()


def fail(code: int, message: str) -> None:
    print(message, file=sys.stderr)
    raise SystemExit(code)
