"""Reads WFDB records: header, signals of formats 212 and 16, and MIT annotations. Needs numpy only.

Formats: WFDB Applications Guide, header(5), signal(5), annot(5).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# annot(5): the code of each beat symbol; `[` and `]` bound ventricular flutter.
SYMBOLS = {
    1: "N", 2: "L", 3: "R", 4: "a", 5: "V", 6: "F", 7: "J", 8: "A", 9: "S", 10: "E",
    11: "j", 12: "/", 13: "Q", 25: "B", 30: "?", 32: "[", 33: "]", 34: "e", 35: "n", 38: "f", 41: "r",
}  # fmt: skip
BEAT_SYMBOLS = frozenset("NLRBAaJSVrFejnE/fQ?")
CODES = {symbol: code for code, symbol in SYMBOLS.items()}


class BadRecord(Exception):
    """The record cannot be read; the message names the file and what is wrong."""


class Record(NamedTuple):
    name: str
    fs: float
    leads: list[str]
    signals: NDArray[np.float32]  # [n_leads, n_samples], millivolts, NaN where the recorder had no value


class Annotation(NamedTuple):
    sample: int
    symbol: str


class _Lead(NamedTuple):
    file: str
    format: int
    gain: float
    baseline: int
    name: str


def read_record(path: Path) -> Record:
    """`path` is the record without its ending."""
    header = path.parent / (path.name + ".hea")
    try:
        text = header.read_text(encoding="latin-1")
    except OSError as cause:
        raise BadRecord(f"{header.name}: cannot be opened ({cause.strerror})") from cause
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        fields = lines[0].split()
        count, fs = int(fields[1]), float(fields[2].split("/")[0].split("(")[0])
        leads = [_lead(line) for line in lines[1 : 1 + count]]
    except (IndexError, ValueError) as cause:
        raise BadRecord(f"{header.name}: not a WFDB header") from cause
    if len(leads) != count or count < 1:
        raise BadRecord(f"{header.name}: {count} signals announced, {len(leads)} described")
    if len({(lead.file, lead.format) for lead in leads}) != 1 or leads[0].format not in (16, 212):
        raise BadRecord(f"{header.name}: only one file a record in format 16 or 212 is read")
    try:
        raw = np.fromfile(path.parent / leads[0].file, dtype=np.uint8)
    except OSError as cause:
        raise BadRecord(f"{leads[0].file}: cannot be opened ({cause.strerror})") from cause
    flat = _unpack_212(raw) if leads[0].format == 212 else raw[: raw.size // 2 * 2].view("<i2").astype(np.int32)
    invalid = -2048 if leads[0].format == 212 else -32768
    frames = flat[: flat.size // count * count].reshape(-1, count).T
    signals = np.empty(frames.shape, dtype=np.float32)
    for row, lead in enumerate(leads):
        signals[row] = (frames[row] - lead.baseline) / lead.gain
        signals[row, frames[row] == invalid] = np.nan
    return Record(path.name, fs, [lead.name for lead in leads], signals)


def read_annotations(path: Path) -> list[Annotation]:
    """All annotations whose symbol is a beat or bounds flutter, in time order."""
    try:
        words = np.fromfile(path, dtype="<u2").astype(np.int64)
    except OSError as cause:
        raise BadRecord(f"{path.name}: cannot be opened ({cause.strerror})") from cause
    out: list[Annotation] = []
    time, at = 0, 0
    while at < words.size:
        code, value = int(words[at]) >> 10, int(words[at]) & 1023
        at += 1
        if code == 0 and value == 0:
            return out
        if code == 59:  # SKIP: the interval stands in the next two words, high word first, signed
            if at + 1 >= words.size:
                break
            skip = (int(words[at]) << 16) | int(words[at + 1])
            time += skip - (1 << 32) if skip >= 1 << 31 else skip
            at += 2
        elif code == 63:  # AUX: `value` bytes of text, padded to a word
            at += (value + 1) // 2
        elif code < 50:
            time += value
            if code in SYMBOLS:
                out.append(Annotation(time, SYMBOLS[code]))
    raise BadRecord(f"{path.name}: annotation file ends in the middle")


def write_annotations(path: Path, annotations: list[Annotation]) -> None:
    """The counterpart of `read_annotations`, for fixtures."""
    words: list[int] = []
    last = 0
    for sample, symbol in annotations:
        step = sample - last
        if step > 1023:
            words += [59 << 10, (step >> 16) & 0xFFFF, step & 0xFFFF]
            step = 0
        words.append(CODES[symbol] << 10 | step)
        last = sample
    np.array([*words, 0], dtype="<u2").tofile(path)


def _lead(line: str) -> _Lead:
    fields = line.split()
    form = int(fields[1].split("x")[0].split(":")[0].split("+")[0])
    spec = fields[2].split("/")[0] if len(fields) > 2 else "200"
    gain = float(spec.split("(")[0]) or 200.0
    zero = int(fields[4]) if len(fields) > 4 else 0
    baseline = int(spec.split("(")[1].rstrip(")")) if "(" in spec else zero
    unit = fields[2].split("/")[1] if len(fields) > 2 and "/" in fields[2] else "mV"
    factor = {"mV": 1.0, "uV": 1000.0, "V": 0.001}.get(unit, 1.0)
    return _Lead(fields[0], form, gain * factor, baseline, " ".join(fields[8:]) or "unknown")


def _unpack_212(raw: NDArray[np.uint8]) -> NDArray[np.int32]:
    groups = raw[: raw.size // 3 * 3].reshape(-1, 3).astype(np.int32)
    out = np.empty((groups.shape[0], 2), dtype=np.int32)
    out[:, 0] = groups[:, 0] | (groups[:, 1] & 0x0F) << 8
    out[:, 1] = groups[:, 2] | (groups[:, 1] & 0xF0) << 4
    out[out > 2047] -= 4096
    return out.reshape(-1)
