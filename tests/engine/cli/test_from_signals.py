"""`comity cases from-signals`: cases from lines with facts and the outcome that is right for them."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from engine.cli import commands

POLICY = """\
policy: door
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {score: double}
outcomes: [open, ring, shut]
on_error: shut
rules:
  - {id: low, when: score < 0.5, then: open, source: x}
otherwise: {id: high, then: shut}
"""


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(commands(), arguments, env={"NO_COLOR": "1"}, prog_name="comity")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "door.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)

    def given(*lines: object, options: tuple[str, ...] = ()):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        Path("lines.jsonl").write_text(text)
        return invoke("cases", "from-signals", "lines.jsonl", *options)

    return given


def line(name: str, score: float, outcome: str, **changes: object) -> dict[str, object]:
    return {
        "name": name,
        "policy": "door",
        "at": "2026-03-01T12:00:00Z",
        "facts": {"score": score},
        "expect": {"outcome": outcome, "rule": "high" if outcome == "shut" else "low"},
    } | changes


def test_lines_become_cases_that_comity_test_runs(run):
    done = run(
        line("sample 1", 0.7, "shut"), "", line("sample 2", 0.2, "shut"), options=("--output", "cases.yaml")
    )
    assert (done.exit_code, done.stdout) == (0, "") and "2 cases made from 2 lines" in done.stderr
    tested = invoke("test", "cases.yaml")
    assert tested.exit_code == 1 and "1 failed" in tested.stdout + tested.stderr
    assert "sample 2" in tested.stdout + tested.stderr


def test_equal_facts_are_one_case_with_the_outcome_that_most_lines_want(run):
    done = run(
        line("a", 0.7, "open"),
        line("b", 0.7, "shut"),
        line("c", 0.7, "shut"),
        line("d", 0.1, "ring"),
        line("e", 0.1, "open"),
    )
    assert "name: a and 2 alike" in done.stdout and "expect: {outcome: shut, rule: high}" in done.stdout
    assert "name: d and 1 alike" in done.stdout and "expect: {outcome: ring, rule: low}" in done.stdout
    assert "2 cases made from 5 lines" in done.stderr
    assert "2 lines wanted another outcome" in done.stderr


@pytest.mark.parametrize(
    "second, problem",
    [
        ("{", "line 2 is not JSON"),
        ('{"facts": NaN}', "line 2 is not JSON"),
        ("[]", "line 2 is not an object with `name`, `policy`"),
        (line("x", 0.1, "close"), "line 2: `close` is no outcome of `door`"),
        (line("x", 0.1, "open", policy="gate"), "line 2 is for another policy than the first"),
        (line("x", 0.1, "open", at="noon"), "line 2: `at` is no moment"),
        (line("x", 0.1, "open", at="2026-03-01T12:00:00Z\ncases: []"), "line 2: `at` is no moment"),
        (line("x", 0.1, "open", expect={"outcome": "open"}), "line 2: `expect` names no `rule`"),
        (line("x", 0.1, "open", facts={"score": "high"}), "the facts of `x` do not fit"),
        (line("x", 0.1, "open", at="2025-03-01T12:00:00Z"), "the policy `door` is not in force before"),
        (line("x", 0.1, "open", facts=[]), "line 2: `facts` and `expect` are objects"),
        (line("x", 0.1, "open") | {"name": 1}, "line 2: `name`, `policy` and `at` are strings"),
    ],
)
def test_wrong_line_is_told_and_nothing_is_written(second, problem, run):
    done = run(line("a", 0.7, "shut"), second, options=("--output", "cases.yaml"))
    assert done.exit_code == 2 and problem in done.stderr.replace("\n", " ")
    assert not Path("cases.yaml").exists()


def test_empty_file_unknown_policy_and_own_cases_are_refused(run):
    assert "there is no line in it" in run("").stderr
    assert "there is no policy `gate`" in run(line("a", 0.7, "shut", policy="gate")).stderr
    Path("cases.yaml").write_text("policy: door\n")
    done = run(line("a", 0.7, "shut"), options=("--output", "cases.yaml"))
    assert done.exit_code == 2 and "exists and holds cases of yours" in done.stderr.replace("\n", " ")
    assert "cannot be read" in invoke("cases", "from-signals", "gone.jsonl").stderr
