"""The shop's policies decide as its owner expects, by every engine, and lint finds nothing in them."""

from pathlib import Path

import pytest

from engine.backends.registry import backend
from engine.bundle import load_bundle
from engine.cases.reader import case_files, read_cases
from engine.cases.run import run_case
from engine.lint import lint

FOLDER = Path(__file__).parent
CASES = [case for file in case_files([FOLDER / "cases"]) for case in read_cases(file)[0]]


@pytest.mark.parametrize("engine", ["compiler", "reference", "durable"])
def test_every_case_passes(engine: str):
    bundle = load_bundle(FOLDER / "policies", compile=backend(engine)).bundle
    assert bundle is not None and len(CASES) == 39
    for case in CASES:
        result = run_case(bundle, case)
        assert [str(f) for f in (*result.failures, *result.problems)] == [], case.name


def test_lint_finds_nothing():
    bundle = load_bundle(FOLDER / "policies").bundle
    assert bundle is not None
    found = [
        d.render() for versions in bundle.policies.values() for v in versions.all for d in lint(v.validated)
    ]
    assert found == []
