"""python3 test_recipe.py — needs numpy and torch, no test framework."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from cases import build  # noqa: E402
from corpus import BadData, beat_rows, load  # noqa: E402
from signals.rhythm import donor_beats, rewrite  # noqa: E402
from scoring import Beat, Xoshiro, bootstrap, compare, rates  # noqa: E402
from signals.wfdb_io import Annotation, BadRecord, read_annotations, read_record, write_annotations  # noqa: E402

FIXTURES = HERE / "fixtures"


class Reading(unittest.TestCase):
    def test_a_record_is_read_in_millivolts(self) -> None:
        record = read_record(FIXTURES / "119s")
        self.assertEqual((record.fs, record.leads, record.signals.shape), (360.0, ["MLII", "V1"], (2, 5400)))
        self.assertLess(float(np.abs(record.signals).max()), 10.24 + 1e-6)

    def test_annotations_survive_writing_and_reading(self) -> None:
        notes = [Annotation(5, "N"), Annotation(1028, "V"), Annotation(90_000, "["), Annotation(90_001, "]")]
        with tempfile.TemporaryDirectory() as folder:
            write_annotations(Path(folder) / "x.atr", notes)
            self.assertEqual(read_annotations(Path(folder) / "x.atr"), notes)

    def test_a_missing_file_is_named(self) -> None:
        with self.assertRaisesRegex(BadRecord, "none.hea"):
            read_record(FIXTURES / "none")

    def test_training_never_sees_the_test_part(self) -> None:
        self.assertEqual([row.record for row in beat_rows(FIXTURES, "train")], ["209s", "119s", "208s"])
        self.assertEqual([row.record for row in beat_rows(FIXTURES, "test")], ["118s"])
        with self.assertRaisesRegex(BadData, "dataset.json"):
            beat_rows(HERE / "nowhere", "train")


class Arithmetic(unittest.TestCase):
    def test_the_shared_cases_still_hold(self) -> None:
        stored = json.loads((FIXTURES / "cases.json").read_text(encoding="utf-8"))
        self.assert_close(stored, build(), "cases")

    def assert_close(self, a: object, b: object, where: str) -> None:
        if isinstance(a, dict) and isinstance(b, dict):
            self.assertEqual(a.keys(), b.keys(), where)
            for key in a:
                self.assert_close(a[key], b[key], f"{where}.{key}")
        elif isinstance(a, list) and isinstance(b, list):
            self.assertEqual(len(a), len(b), where)
            for k, (x, y) in enumerate(zip(a, b)):
                self.assert_close(x, y, f"{where}[{k}]")
        elif isinstance(a, (int, float)) and isinstance(b, (int, float)):
            self.assertAlmostEqual(a, b, delta=2e-5, msg=where)
        else:
            self.assertEqual(a, b, where)


class Scoring(unittest.TestCase):
    def test_pairing_counts_missed_and_extra_beats(self) -> None:
        reference = [Beat(1000, 0), Beat(2000, 2), Beat(3000, 1)]
        test = [Beat(1010, 0), Beat(2100, 2), Beat(3040, 1), Beat(3500, 0)]
        matrix = compare(reference, test, 360)
        # window floor(0.15 * 360 + 0.5) = 54: 2100 is too far from 2000, so one missed V and two extra beats
        self.assertEqual(int(matrix[0, 0]), 1)
        self.assertEqual(int(matrix[1, 1]), 1)
        self.assertEqual(int(matrix[2, 5]), 1)
        self.assertEqual(int(matrix[5, :5].sum()), 2)
        self.assertAlmostEqual(rates(matrix)["qrs_se"] or 0, 2 / 3)

    def test_nothing_has_no_rate(self) -> None:
        self.assertIsNone(rates(compare([], [], 360))["qrs_se"])

    def test_extra_beats_in_flutter_are_not_counted(self) -> None:
        matrix = compare([Beat(100, 0)], [Beat(101, 0), Beat(600, 0)], 360, 0, [(500, 700)])
        self.assertEqual(int(matrix[5].sum()), 0)

    def test_the_bootstrap_needs_ten_groups_and_is_repeatable(self) -> None:
        groups = [np.eye(6, dtype=np.int64) * (k + 1) for k in range(9)]
        self.assertIsNone(bootstrap(groups, lambda m: float(m[0, 0]), 50))
        groups.append(np.eye(6, dtype=np.int64))
        one = bootstrap(groups, lambda m: float(m[0, 0]), 50)
        self.assertEqual(one, bootstrap(groups, lambda m: float(m[0, 0]), 50))
        self.assertNotEqual(Xoshiro(1).u32(), Xoshiro(2).u32())


class Synthesis(unittest.TestCase):
    def test_rewritten_beats_lie_where_their_labels_say(self) -> None:
        examples = [load(row) for row in beat_rows(FIXTURES, "train")]
        rng = np.random.default_rng(3)
        made = rewrite(examples[1], 1, 20, donor_beats(examples, rng), rng)
        self.assertIsNotNone(made)
        assert made is not None
        self.assertEqual(made.samples.size, made.labels.size)
        self.assertTrue(np.isfinite(made.signal).all())
        heights = [np.ptp(made.signal[0, k - 8 : k + 8]) for k in made.samples[2:-2]]
        self.assertGreater(float(np.median(heights)), 0.4)  # a QRS stands there, in units of the QRS height


class Command(unittest.TestCase):
    def run_training(self, *flags: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(HERE / "train.py"), *flags], capture_output=True, text=True, check=False, timeout=300
        )

    def test_bad_input_exits_2_before_any_work(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            done = self.run_training("--data", folder, "--out", str(out))
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("dataset.json", done.stderr)
            self.assertFalse(out.exists())

    def test_smoke_trains_on_the_fixture_and_continues_from_its_checkpoints(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            first = self.run_training("--smoke", "--max-steps", "4", "--out", folder)
            self.assertEqual(first.returncode, 0, first.stderr)
            lines = [json.loads(line) for line in first.stdout.splitlines()]
            self.assertEqual(lines[-1]["event"], "done")
            listed = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["files"]
            self.assertEqual(len(listed), 6)
            before = {entry["path"]: entry["sha256"] for entry in listed}
            again = self.run_training("--smoke", "--max-steps", "4", "--out", folder)
            self.assertNotIn('"progress"', again.stdout)
            listed = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["files"]
            after = {entry["path"]: entry["sha256"] for entry in listed}
            for name in ("calibration.json", "labels.json", "metrics.json"):
                self.assertEqual(before[name], after[name])


if __name__ == "__main__":
    unittest.main()
