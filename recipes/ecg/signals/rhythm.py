"""Makes supraventricular, ventricular and fusion beats out of real recordings, since few patients have them.

A recording is rewritten beat by beat: the diastole before a beat is cut or stretched, its P wave is moved with it,
scaled, inverted or dropped (and laid over the T wave before it), so that both the intervals and the raw signal are
those of a premature beat. Everything works at 125 Hz on [2, n] signals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from corpus import Example

N, S, V, F = 0, 1, 2, 3
P_SPAN, QRS_ON = 28, 8  # samples before R at which the P wave (224 ms) and the QRS (64 ms) begin
FADE = 6

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


class Plan(NamedTuple):
    ratio: F64  # [n] new interval before the beat, relative to the typical one there
    label: NDArray[np.int64]
    p: F64  # [n] factor on the P wave
    donor: NDArray[np.int64]  # [n] index of a ventricular beat to transplant, -1 none
    blend: F64  # [n] share of the donor: 1 ventricular, about a half fusion


def make_plan(count: int, donors: int, rng: Generator) -> Plan:
    """A rhythm of `count` beats, of episodes of 20 to 90 beats, each of one kind."""
    ratio = np.ones(count)
    label = np.zeros(count, dtype=np.int64)
    p = np.ones(count)
    donor = np.full(count, -1, dtype=np.int64)
    blend = np.zeros(count)
    at = 0
    while at < count:
        end = min(count, at + int(rng.integers(20, 90)))
        size = end - at
        base = float(rng.uniform(0.8, 1.15))
        wave = rng.uniform(0, 0.09) * np.sin(np.arange(size) * rng.uniform(0.3, 1.6) + rng.uniform(0, 6.3))
        ratio[at:end] = base * (1 + wave + rng.normal(0, 0.015, size))
        kind = rng.choice(["plain", "single", "group", "run", "sick", "fibrillation", "tachycardia", "ventricular"],
                          p=[0.06, 0.22, 0.12, 0.15, 0.1, 0.2, 0.05, 0.1])  # fmt: skip
        coupling = float(rng.uniform(0.5, 0.86))
        factor = float(rng.choice([0.0, 1.0, rng.uniform(-1, 0.5), rng.uniform(0.5, 1.6)]))

        def early(k: int, shortest: float, factor: float = factor, base: float = base) -> None:
            ratio[k], label[k], p[k] = base * shortest, S, factor

        if kind == "single":
            share = rng.uniform(0.03, 0.2)
            for k in range(at + 1, end - 1):
                if label[k - 1] == N and rng.random() < share:
                    early(k, coupling + rng.normal(0, 0.03))
                    ratio[k + 1] = base * rng.uniform(0.95, 1.5)
        elif kind == "group":
            period = int(rng.integers(2, 5))
            for k in range(at + 1, end - 1, period):
                early(k, coupling + rng.normal(0, 0.025))
                ratio[k + 1] = base * rng.uniform(0.95, 1.4)
        elif kind == "run":
            k = at + 2
            pace = float(rng.uniform(0.42, 0.8))
            while k < end - 3:
                length = int(min(end - 2 - k, rng.choice([2, 3, 4, 6, 10, 20, 60])))
                for m in range(length):
                    early(k + m, pace * (1 + rng.normal(0, 0.04)))
                ratio[k + length] = base * rng.uniform(0.95, 1.7)
                k += length + int(rng.integers(4, 20))
        elif kind == "sick":
            for k in range(at + 1, end):
                if rng.random() < 0.6 and label[k - 1] != N or rng.random() < 0.45:
                    early(k, rng.uniform(0.4, 0.75))
                elif rng.random() < 0.5:
                    ratio[k] = base * rng.uniform(1.0, 2.4)
        elif kind == "fibrillation":
            ratio[at:end] = base * np.exp(rng.normal(0, rng.uniform(0.12, 0.4), size))
            p[at:end] = rng.uniform(-0.2, 0.2)
        elif kind == "tachycardia":
            ratio[at:end] = base * np.interp(np.arange(size), [0, size / 2, size], [1, rng.uniform(0.6, 0.85), 1])
        often = 0.2 if kind == "ventricular" else float(rng.choice([0.0, 0.04, 0.12]))
        for k in range(at + 1, end - 1):
            if not donors or label[k - 1] != N or label[k] != N or rng.random() > often:
                continue
            donor[k] = rng.integers(donors)
            p[k] = 0.0
            if rng.random() < 0.35:
                label[k], blend[k] = F, rng.uniform(0.3, 0.7)
                ratio[k] = max(ratio[k], base * rng.uniform(0.85, 1.02))
                p[k] = rng.uniform(0, 1)
            else:
                label[k], blend[k], ratio[k] = V, rng.uniform(0.5, 1.0), base * rng.uniform(0.45, 0.95)
                if label[k + 1] == N:
                    ratio[k + 1] = base * rng.uniform(0.9, 1.5)
        if rng.random() < 0.15 and end - at > 8:  # a dropped or late beat: what follows is still normal
            k = int(rng.integers(at + 1, end))
            if label[k] == N:
                ratio[k] = base * rng.uniform(1.25, 2.2)
        at = end
    return Plan(ratio, label, p, donor, blend)


def rewrite(source: Example, first: int, count: int, donors: list[F32], rng: Generator) -> Example | None:
    """A synthetic recording from `count` beats of `source`. Beats that are not N there keep class and prematurity."""
    peaks = source.peaks
    first = max(1, first)
    count = min(count, peaks.size - first - 1)
    if count < 6:
        return None
    plan = make_plan(count, len(donors), rng)
    rr = np.diff(peaks).astype(np.float64)
    typical = float(np.median(rr[first - 1 : first + count]))
    pieces: list[F64] = []
    now: list[int] = []
    labels: list[int] = []
    unsure = source.doubtful[first : first + count].tolist()
    lead_in = source.signal[:, max(0, peaks[first] - 60) : peaks[first] - P_SPAN].astype(np.float64)
    pieces.append(lead_in)
    length = lead_in.shape[1]
    width = float(rng.uniform(0.9, 1.1))
    for k in range(count):
        i = first + k
        r, after = int(peaks[i]), int(peaks[i + 1])
        original, following = int(source.labels[i]), int(source.labels[i + 1])
        synthetic = original == N and plan.label[k] != N
        gap = after - r
        if k + 1 < count and following == N:
            wish = typical * plan.ratio[k + 1]
            if original not in (N, S) and plan.label[k + 1] == N:
                wish = max(wish, float(gap))
        else:
            wish = float(gap)
        target = int(max(28, round(wish)))
        # A beat: P and QRS as they are, then the signal up to the P wave of the next, cut or stretched to `target`.
        whole = source.signal[:, r - P_SPAN : after + 1].astype(np.float64) if r >= P_SPAN else None
        if whole is None or whole.shape[1] < P_SPAN + 20:
            return None
        body = _fit(whole[:, P_SPAN:], gap, target)  # [2, target] from R to the next R, without the next P
        front = whole[:, :P_SPAN].copy()
        ramp = np.linspace(0, 1, P_SPAN)
        line = front[:, :1] * (1 - ramp) + front[:, -QRS_ON : -QRS_ON + 1] * ramp
        bump = front - line
        bump[:, P_SPAN - QRS_ON :] = 0
        label = int(plan.label[k]) if synthetic else original
        factor = float(plan.p[k]) if original == N else 1.0
        moved = float(width) if label == S else 1.0
        qrs = front[:, P_SPAN - QRS_ON :]
        tail = pieces[-1]
        if tail.shape[1] < P_SPAN:
            head = np.repeat(tail[:, -1:], P_SPAN, axis=1) + bump * factor
        else:  # the P wave is laid over whatever the beat before left there (its T wave)
            head = tail[:, -P_SPAN:] + bump * factor * moved
            pieces[-1] = tail[:, :-P_SPAN]
            length -= P_SPAN
        mix = np.linspace(0, 1, QRS_ON)
        head[:, -QRS_ON:] = head[:, -QRS_ON:] * (1 - mix) + (qrs - qrs[:, :1] + head[:, -QRS_ON : -QRS_ON + 1]) * mix
        jump = head[:, -1:] - front[:, -1:]
        body = body + jump * np.exp(-np.arange(body.shape[1]) / 25.0)
        if synthetic and plan.donor[k] >= 0:
            _transplant(head, body, donors[int(plan.donor[k])], float(plan.blend[k]), source, rng)
        elif label == S and synthetic and rng.random() < 0.2:
            body[:, :10] *= rng.uniform(0.75, 1.25)
        pieces += [head, body]
        now.append(length + P_SPAN)
        length += P_SPAN + body.shape[1]
        labels.append(label)
    signal = np.concatenate(pieces, axis=1)
    noisy = signal + rng.normal(0, rng.uniform(0, 0.015), signal.shape)
    beats = np.array(now, dtype=np.int64)
    return Example(
        f"{source.name}+",
        125.0,
        np.clip(noisy, -3, 3).astype(np.float32),
        source.present,
        beats,
        np.array(labels, dtype=np.int64),
        [],
        np.array(unsure, dtype=np.bool_),
    )


def donor_beats(examples: list[Example], rng: Generator, each: int = 12) -> list[F32]:
    """Windows [2, 96] around ventricular beats, R at sample 28, a few of each patient, in units of the QRS height."""
    out: list[F32] = []
    for example in examples:
        at = np.nonzero((example.labels == V) & (example.peaks > 40) & (example.peaks < example.signal.shape[1] - 80))[
            0
        ]
        for i in rng.permutation(at)[:each]:
            r = int(example.peaks[i])
            piece = example.signal[:, r - 28 : r + 68]
            out.append(piece - (0.5 * (piece[:, :1] + piece[:, -1:])))
    return out + [_drawn_donor(rng) for _ in range(max(4, len(out)))]


def _drawn_donor(rng: Generator) -> F32:
    """A ventricular beat of two wide waves and a T wave against them, [2, 96], R at sample 28: shapes no donor had."""
    t = (np.arange(96) - 28) * 8.0  # ms
    out = np.zeros((2, 96))
    width = rng.uniform(24, 48)
    for lead in (0, 1):
        first = rng.normal(0, 0.7)
        second = rng.normal(0, 0.6)
        gap = rng.uniform(25, 70)
        out[lead] = first * np.exp(-((t / width) ** 2) / 2) + second * np.exp(-(((t - gap) / width) ** 2) / 2)
        area = -np.sign(out[lead].sum()) * rng.uniform(0.1, 0.5) * np.abs(out[lead]).max()
        out[lead] += area * np.exp(-(((t - rng.uniform(240, 330)) / rng.uniform(45, 75)) ** 2) / 2)
    top = np.abs(out).max() + 1e-6
    return np.asarray(out / top * rng.uniform(0.5, 1.6), dtype=np.float32)


def _fit(x: F64, gap: int, target: int) -> F64:
    """x [2, gap + 1] from R to the next R: the same beat with the next R after `target` samples and no P."""
    end = max(12, gap - P_SPAN)  # where the next P wave begins
    early = min(end - 2, max(10, int(0.42 * np.sqrt(gap / 125.0) * 125)))  # about the end of T
    if target <= end:
        return x[:, :target].copy()
    rest = np.interp(np.linspace(early, end, target - early), np.arange(x.shape[1]), x[0])
    other = np.interp(np.linspace(early, end, target - early), np.arange(x.shape[1]), x[1])
    return np.concatenate([x[:, :early], np.stack([rest, other])], axis=1)


def _transplant(head: F64, body: F64, donor: F32, share: float, source: Example, rng: Generator) -> None:
    """Lays a ventricular beat of another place (or patient) over this beat, faded at both ends."""
    size = min(68, body.shape[1] - 2)
    gain = float(rng.uniform(0.7, 1.3))
    before, after = donor[:, 28 - P_SPAN : 28] * gain, donor[:, 28 : 28 + size] * gain
    fade_in = np.clip(np.arange(P_SPAN) / 12.0, 0, 1) * share
    fade_out = np.clip((size - np.arange(size)) / 12.0, 0, 1) * share
    head[:] = head * (1 - fade_in) + before * fade_in
    body[:, :size] = body[:, :size] * (1 - fade_out) + after * fade_out
    for lead in (0, 1):
        if not source.present[lead]:
            head[lead] = 0
            body[lead] = 0


def synthesise(examples: list[Example], weak: list[Example], variants: int, seed: int) -> list[Example]:
    """`variants` rewritten recordings of up to 900 beats of each example, and one of each short weak recording."""
    rng = np.random.default_rng([seed, 7])
    donors = donor_beats(examples, rng)
    out: list[Example] = []
    for example, times in [(e, variants) for e in examples] + [(e, 1) for e in weak]:
        for _ in range(times):
            count = min(900, example.peaks.size - 3)
            first = int(rng.integers(1, max(2, example.peaks.size - count - 1)))
            made = rewrite(example, first, count, donors, rng)
            if made is not None:
                out.append(made)
    return out
