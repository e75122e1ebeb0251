"""How `make mutate` reports the results of a mutation run."""

import io
import sys
import tomllib
from pathlib import Path

import pytest

from tests import mutants

RESULTS = """\
    engine.backends.python.compiler.x_compile_policy__mutmut_1: killed
    engine.backends.python.compiler.x_compile_policy__mutmut_2: timeout
    engine.expression.scope.xǁScopeǁknowing__mutmut_1: killed
    engine.backends.reference.x_decide__mutmut_1: survived
    engine.backends.reference.x_decide__mutmut_2: killed
"""


def report(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[list[str], bool]:
    """The printed lines, and whether enough mutants are killed."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    try:
        mutants.main()
    except SystemExit:
        return capsys.readouterr().out.splitlines(), False
    return capsys.readouterr().out.splitlines(), True


def test_survivors_are_named_and_fail_their_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, enough = report(RESULTS, monkeypatch, capsys)
    assert lines == [
        "survived: engine.backends.reference.x_decide__mutmut_1",
        "engine.backends.python.compiler          2 of     2 killed, 100.0%",
        "engine.expression.scope                  1 of     1 killed, 100.0%",
        "engine.backends.reference                1 of     2 killed,  50.0%",
        "compiler                                 2 of     2 killed, 100.0%",
        "checker                                  1 of     1 killed, 100.0%",
        "reference                                1 of     2 killed,  50.0%",
    ]
    assert not enough


@pytest.mark.parametrize(("survivors", "enough"), [(1, True), (2, False)])
def test_nine_of_ten_are_enough(
    survivors: int, enough: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    statuses = ["survived"] * survivors + ["killed"] * (10 - survivors)
    text = "".join(
        f"{module}.x_f__mutmut_{number}: {status}\n"
        for module in (
            "engine.backends.python.compiler",
            "engine.expression.checker",
            "engine.backends.reference",
        )
        for number, status in enumerate(statuses)
    )
    assert report(text, monkeypatch, capsys)[1] == enough


@pytest.mark.parametrize("status", ["survived", "no tests", "not checked", "suspicious", "segfault"])
def test_mutant_that_no_test_fails_for_is_not_killed(status: str) -> None:
    assert mutants.killed({"mutant": status}) == 0


def test_run_without_mutants_of_a_part_is_not_enough(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without = "".join(line for line in RESULTS.splitlines(keepends=True) if "scope" not in line)
    lines, enough = report(without.replace("survived", "killed"), monkeypatch, capsys)
    assert lines[-2] == "checker                                  0 of     0 killed,   0.0%"
    assert not enough


def test_every_mutated_module_belongs_to_a_part() -> None:
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    modules = {path.removesuffix(".py").replace("/", ".") for path in settings["only_mutate"]}
    assert modules == set(mutants.PART)
