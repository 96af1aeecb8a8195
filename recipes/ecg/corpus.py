"""Opens the training part of a data folder (`dataset.json`); nothing of a test part is ever read here."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from signals.dsp import RATE, prepare
from scoring import AAMI, CLASSES
from signals.wfdb_io import BEAT_SYMBOLS, BadRecord, read_annotations, read_record

UNKNOWN = -1  # a beat whose class nobody gave
# Words and codes of a weak label that say that some beats are not of class N, or that beats are paced.
NOT_ALL_NORMAL = frozenset(
    ["PVC", "PAC", "SVPB", "VPB", "BIGU", "TRIGU", "PACE", "SVARR", "SVTAC", "PSVT", "PRC(S)", "VEB", "WPW"]
)


class BadData(Exception):
    """The data folder cannot be trained on; the message says which file or field and why."""


class Example(NamedTuple):
    name: str
    fs: float
    signal: NDArray[np.float32]  # [2, n] at 125 Hz, prepared
    present: tuple[bool, bool]
    samples: NDArray[np.int64]  # beats in samples of the recording
    labels: NDArray[np.int64]  # index in scoring.CLASSES, or UNKNOWN
    flutter: list[tuple[int, int]]
    doubtful: NDArray[np.bool_]  # beats whose shape speaks against their class: aberrated atrial beats

    @property
    def peaks(self) -> NDArray[np.int64]:
        """Beats in samples at 125 Hz."""
        return np.asarray(np.floor(self.samples * (RATE / self.fs) + 0.5), dtype=np.int64)


class Row(NamedTuple):
    record: str
    path: Path
    annotation: str


def manifest(data: Path) -> dict[str, Any]:
    try:
        out = json.loads((data / "dataset.json").read_text(encoding="utf-8"))
    except OSError as cause:
        raise BadData(f"{data / 'dataset.json'}: cannot be opened ({cause.strerror})") from cause
    except json.JSONDecodeError as cause:
        raise BadData(f"dataset.json: line {cause.lineno}: {cause.msg}") from cause
    if not isinstance(out, dict) or not isinstance(out.get("tasks"), list):
        raise BadData("dataset.json: `tasks` is missing")
    return out


def beat_rows(data: Path, part: str, task_id: str | None = None, paced: bool = False) -> list[Row]:
    """Records of a part (`train`, `test`, …) of the first task with beat annotations, or of task `task_id`."""
    tasks = [t for t in manifest(data)["tasks"] if t.get("task") in ("ecg-beats", "ecg-beat-class")]
    tasks = [t for t in tasks if t.get("media", {}).get("annotation") and task_id in (None, t.get("id"))]
    if not tasks:
        raise BadData("dataset.json: no task `ecg-beats` with `media.annotation`: there are no labelled beats to learn")
    task = tasks[0]
    column, key = task["columns"].get("split"), task["columns"].get("id")
    wanted = set(task.get("splits", {}).get(part, [part]))
    excluded = set(task.get("exclude", []))
    out: list[Row] = []
    for name in task["files"]:
        for line in _table(data / name):
            if key is None or key not in line:
                raise BadData(f"{name}: column `{key}` is missing")
            record = line[key]
            if paced != (record in excluded) or (column and not paced and line.get(column) not in wanted):
                continue
            stem = task["media"]["record"].replace("{" + key + "}", record)
            out.append(Row(record, data / stem, task["media"]["annotation"]))
    if not out and not paced:
        raise BadData(f"dataset.json: task `{task.get('id')}` has no record in part `{part}`")
    return out


def load(row: Row) -> Example:
    try:
        record = read_record(row.path)
        notes = read_annotations(row.path.parent / f"{row.path.name}.{row.annotation}")
    except BadRecord as cause:
        raise BadData(str(cause)) from cause
    beats = [note for note in notes if note.symbol in BEAT_SYMBOLS and note.sample < record.signals.shape[1]]
    flutter: list[tuple[int, int]] = []
    opened: int | None = None
    for note in notes:
        if note.symbol == "[":
            opened = note.sample
        elif note.symbol == "]" and opened is not None:
            flutter.append((opened, note.sample))
            opened = None
    ready = prepare(record.signals, record.fs, record.leads)
    labels = np.array([CLASSES.index(AAMI[beat.symbol]) for beat in beats], dtype=np.int64)
    samples = np.array([beat.sample for beat in beats], dtype=np.int64)
    doubtful = np.array([beat.symbol == "a" for beat in beats], dtype=np.bool_)
    return Example(row.record, record.fs, ready.signal, ready.present, samples, labels, flutter, doubtful)


def weak_records(data: Path) -> list[tuple[str, Path]]:
    """12-lead records of other databases in the folder (training parts) whose labels name no ectopic or paced beat."""
    out: list[tuple[str, Path]] = []
    codes = _ptbxl_codes(data)
    for task in manifest(data)["tasks"]:
        if task.get("task") != "ecg-multilabel":
            continue
        columns, splits = task["columns"], task.get("splits")
        for name in task["files"]:
            for line in _table(data / name):
                if splits and line.get(columns.get("split", "")) not in set(splits.get("train", [])):
                    continue
                words = set(line.get(columns["label"], "").split(task.get("separator", "|")))
                record = line[columns["id"]]
                if task["id"].startswith("ptbxl"):
                    if record.lstrip("0") not in codes:
                        continue
                    words |= codes[record.lstrip("0")]
                if not words & NOT_ALL_NORMAL:
                    out.append((f"{task['id']}/{record}", data / task["media"]["record"].replace("{record}", record)))
    return out


def digest(data: Path, rows: list[Row]) -> str:
    """SHA-256 over `<sha256>  <path>` lines of every file that the beats come from, sorted by path."""
    lines: list[str] = []
    for row in rows:
        for ending in ("hea", "dat", row.annotation):
            file = row.path.parent / f"{row.path.name}.{ending}"
            if file.exists():
                lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(data).as_posix()}\n")
    return "sha256:" + hashlib.sha256("".join(sorted(lines, key=lambda s: s[66:].encode())).encode()).hexdigest()


def _ptbxl_codes(data: Path) -> dict[str, set[str]]:
    import ast
    import gzip

    file = next(data.glob("*/ptbxl_database.csv.gz"), None)
    if file is None:
        return {}
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    extra = {row["ecg_id"]: {"PVC"} if row.get("extra_beats", "").strip() else set() for row in rows}
    return {row["ecg_id"].split(".")[0]: set(ast.literal_eval(row["scp_codes"])) | extra[row["ecg_id"]] for row in rows}


def _table(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))
    except OSError as cause:
        raise BadData(f"{file.name}: cannot be opened ({cause.strerror})") from cause
