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
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[list[str], bool]:
    """The printed lines, and whether enough mutants are killed."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    monkeypatch.setattr(sys, "argv", ["mutants", *options])
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


MODULES = ("engine.backends.python.compiler", "engine.expression.checker", "engine.backends.reference")


def numbered(statuses: list[str]) -> str:
    return "".join(
        f"{module}.x_f__mutmut_{number}: {status}\n"
        for module in MODULES
        for number, status in enumerate(statuses)
    )


@pytest.mark.parametrize(("survivors", "enough"), [(11, True), (14, False), (20, False)])
def test_a_sample_is_enough_if_its_interval_lies_above_the_limit(
    survivors: int, enough: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = numbered(["survived"] * survivors + ["killed"] * (200 - survivors) + ["not checked"] * 50)
    lines, good = report(text, monkeypatch, capsys, "--sampled")
    assert lines[-1].split()[:4] == ["reference", str(200 - survivors), "of", "200"]
    assert good == enough


def test_a_sample_has_as_many_of_each_part_and_follows_its_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = numbered(["not checked"] * 40)
    drawn = [report(text, monkeypatch, capsys, "--sample", "5", "--seed", seed)[0] for seed in "112"]
    assert drawn[0] == drawn[1] != drawn[2]
    assert [sum(name.startswith(module) for name in drawn[0]) for module in MODULES] == [5, 5, 5]


def test_every_mutated_module_belongs_to_a_part() -> None:
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    modules = {path.removesuffix(".py").replace("/", ".") for path in settings["only_mutate"]}
    assert modules == set(mutants.PART)
