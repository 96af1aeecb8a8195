"""Beat-by-beat comparison after ANSI/AAMI EC57 (as `bxb`), class tables, and the grouped bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CLASSES = ("N", "S", "V", "F", "Q")
AAMI = {
    **dict.fromkeys("NLRBejn", "N"), **dict.fromkeys("AaJS", "S"), **dict.fromkeys("VEr", "V"), "F": "F",
    **dict.fromkeys("/fQ?", "Q"),
}  # fmt: skip
ROWS = 6  # reference N S V F Q, then `none` (an extra test beat); columns alike, then `none` (a missed beat)


class Beat(NamedTuple):
    sample: int
    label: int  # index in CLASSES


def compare(
    reference: Sequence[Beat], test: Sequence[Beat], fs: float, start_s: float = 0.0,
    flutter: Sequence[tuple[int, int]] = (),
) -> NDArray[np.int64]:  # fmt: skip
    """Matrix [ROWS, ROWS] of reference class by test class, by the pairing rule of bxb."""
    window = int(np.floor(0.15 * fs + 0.5))
    t0 = int(start_s * fs)
    inside = [beat for beat in reference if not any(a <= beat.sample <= b for a, b in flutter)]
    ref = [beat for beat in inside if beat.sample >= t0]
    new = [beat for beat in test if beat.sample >= t0]
    out = np.zeros((ROWS, ROWS), dtype=np.int64)
    far = 1 << 60

    def time(beats: list[Beat], at: int) -> int:
        return beats[at].sample if at < len(beats) else far

    i = j = 0
    earlier = [beat for beat in test if beat.sample < t0]
    if earlier and ref:
        gap = abs(ref[0].sample - earlier[-1].sample)
        if gap <= window and gap < abs(time(new, 0) - ref[0].sample):
            out[ref[0].label, earlier[-1].label] += 1
            i = 1
    if i == 0 and t0 > 0 and ref and new and new[0].sample - t0 <= window:
        nearer = abs(time(new, 1) - ref[0].sample) < abs(new[0].sample - ref[0].sample)
        j = 1 if nearer else 0
    while i < len(ref) or j < len(new):
        a, b, a2, b2 = time(ref, i), time(new, j), time(ref, i + 1), time(new, j + 1)
        if b < a:
            if a - b <= window and (a - b < abs(a - b2) or abs(a2 - b2) < abs(a - b2)):
                out[ref[i].label, new[j].label] += 1
                i += 1
            elif not any(low <= b <= high for low, high in flutter):
                out[5, new[j].label] += 1
            j += 1
        else:
            if b - a <= window and (b - a < abs(b - a2) or abs(a2 - b2) < abs(b - a2)):
                out[ref[i].label, new[j].label] += 1
                j += 1
            else:
                out[ref[i].label, 5] += 1
            i += 1
    return out


def _ratio(top: float, bottom: float) -> float | None:
    return float(top / bottom) if bottom > 0 else None


def f1(se: float | None, p: float | None) -> float | None:
    return None if se is None or p is None else (2 * se * p / (se + p) if se + p > 0 else 0.0)


def rates(m: NDArray[np.int64]) -> dict[str, float | None]:
    """Se and +P of QRS, VEB and SVEB out of a matrix of `compare` [metrics, section 5]."""
    paired, missed, extra = int(m[:5, :5].sum()), int(m[:5, 5].sum()), int(m[5, :5].sum())
    n, s, v = 0, 1, 2
    out = {
        "qrs_se": _ratio(paired, paired + missed),
        "qrs_p": _ratio(paired, paired + extra),
        "veb_se": _ratio(int(m[v, v]), int(m[v].sum())),
        "veb_p": _ratio(int(m[v, v]), int(m[v, v] + m[n, v] + m[s, v] + m[5, v])),
        "sveb_se": _ratio(int(m[s, s]), int(m[s].sum())),
        "sveb_p": _ratio(int(m[s, s]), int(m[s, s] + m[n, s] + m[v, s] + m[3, s] + m[5, s])),
    }
    for kind in ("qrs", "veb", "sveb"):
        out[f"{kind}_f1"] = f1(out[f"{kind}_se"], out[f"{kind}_p"])
    return out


def class_table(confusion: NDArray[np.int64]) -> dict[str, float | None]:
    """Se, +P, F1 a class and macro F1 over N S V F of a 5 x 5 confusion at given positions; rows are the reference.

    Beats that are Q in the reference are left out of the macro F1 over N S V F.
    """
    out: dict[str, float | None] = {}
    four = confusion[:4]
    scores: list[float] = []
    for k, name in enumerate(CLASSES):
        se, p = (
            _ratio(int(confusion[k, k]), int(confusion[k].sum())),
            _ratio(int(confusion[k, k]), int(confusion[:, k].sum())),
        )
        out[f"{name}_se"], out[f"{name}_p"] = se, p
        if k < 4:
            bottom = int(four[k].sum() + four[:, k].sum())
            if bottom > 0:
                scores.append(2 * int(four[k, k]) / bottom)
    out["f1_macro_NSVF"] = float(np.mean(scores)) if len(scores) == 4 else None
    out["accuracy"] = _ratio(int(np.trace(confusion)), int(confusion.sum()))
    return out


class Xoshiro:
    """xoshiro128** (Blackman and Vigna 2021), state from four splitmix32 outputs; the project's generator."""

    def __init__(self, seed: int) -> None:
        state, a = [], seed & 0xFFFFFFFF
        for _ in range(4):
            a = (a + 0x9E3779B9) & 0xFFFFFFFF
            t = ((a ^ a >> 16) * 0x21F0AAAD) & 0xFFFFFFFF
            t = ((t ^ t >> 15) * 0x735A2D97) & 0xFFFFFFFF
            state.append(t ^ t >> 15)
        self.state = state

    def u32(self) -> int:
        s = self.state
        x = (s[1] * 5) & 0xFFFFFFFF
        out = (((x << 7 | x >> 25) & 0xFFFFFFFF) * 9) & 0xFFFFFFFF
        t = (s[1] << 9) & 0xFFFFFFFF
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = (s[3] << 11 | s[3] >> 21) & 0xFFFFFFFF
        return out


def bootstrap(
    groups: Sequence[NDArray[np.int64]], metric: Callable[[NDArray[np.int64]], float | None],
    replicates: int = 2000, seed: int = 20250101,
) -> tuple[float, float] | None:  # fmt: skip
    """Percentile 95 % interval of `metric` over the summed matrix of resampled groups; None below 10 groups or with
    more than a tenth of the replicates undefined."""
    n = len(groups)
    if n < 10:
        return None
    rng, values = Xoshiro(seed), []
    stack = np.stack(groups)
    for _ in range(replicates):
        at = [rng.u32() * n >> 32 for _ in range(n)]
        value = metric(stack[at].sum(axis=0))
        if value is not None:
            values.append(value)
    if len(values) < 0.9 * replicates:
        return None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
