"""The many cases of the benchmark are run, and pass."""

from pathlib import Path

from benchmarks.many_cases import write
from benchmarks.workloads.workload import FROZEN
from engine import load_bundle
from engine.cases.reader import case_files
from engine.cli.test import run_cases


def test_every_case_passes(tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    write(folder, 1_003)
    bundle = load_bundle(FROZEN).bundle
    assert bundle is not None
    results, problems = run_cases(bundle, case_files([folder]))
    assert problems == []
    assert [result.passed for result in results] == [True] * 1_003
