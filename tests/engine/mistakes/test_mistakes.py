"""The report of each mistake: a single diagnostic, at its place, with a hint. `--update-golden` rewrites the texts."""

import re
from pathlib import Path

import pytest

from documents.diagnostics import Diagnostic
from documents.source import decode_source
from engine.bundle import load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.cases.why import describe
from engine.lint import lint_versions
from tests.engine.mistakes import CASES, FOLDER, NAMES, POLICY, Mistake, bundle, mistakes_of
from tests.sampling import sample

FILES = ["kinds.yaml", "second.yaml", "third.yaml", "fourth.yaml"]
CANNOT_BE_KNOWN = {"the wrong unit"}
SEVERAL = {
    "what always holds": "the cause and what it makes unreachable",
    "a condition that never holds": "it is also never used",
}
"""Mistakes that give more than one diagnostic, and why."""


def problems_of(policy: str) -> list[str]:
    return [d.render() for d in diagnostics_of(policy)]


def diagnostics_of(policy: str) -> list[Diagnostic]:
    """What `comity check` reports for the text of a policy."""
    source, problems = decode_source(policy.encode(), "tool_loan.yaml")
    assert source is not None
    loaded = load_sources([source] if not problems else [], problems)
    diagnostics = [*loaded.diagnostics]
    for versions in loaded.bundle.policies.values() if loaded.bundle else ():
        diagnostics += lint_versions([v.validated for v in versions.all])
    return diagnostics


def problems_of_cases(cases: str, file: Path, name: str) -> list[str]:
    """What `comity test` reports for the text of a case file: each mistake once, and each failing case."""
    file.write_text(cases, encoding="utf-8")
    read, problems = read_cases(file)
    results = [run_case(bundle(name), case) for case in read]
    mistakes = dict.fromkeys(d.render() for r in results if not r.failures for d in r.problems)
    failed = ["\n".join([*describe(r), *(d.render() for d in r.problems)]) for r in results if r.failures]
    return [
        text.replace(f"{file.parent}/", "") for text in (*(d.render() for d in problems), *mistakes, *failed)
    ]


def passes(cases: str, folder: Path, name: str = "tool_loan") -> bool:
    file = folder / f"{name}.yaml"
    file.write_text(cases, encoding="utf-8")
    read, problems = read_cases(file)
    return not problems and all(run_case(bundle(name), case).passed for case in read)


@pytest.mark.parametrize("name", ["tool_loan", "room_booking", "boat_hire"])
def test_without_a_mistake_no_policy_is_reported(name: str):
    assert problems_of((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) == []


def test_without_a_mistake_nothing_is_reported(tmp_path: Path):
    assert problems_of(POLICY) == []
    assert passes(CASES, tmp_path)
    for name in ("room_booking", "boat_hire"):
        assert passes((FOLDER / f"{name}_cases.yaml").read_text(encoding="utf-8"), tmp_path, name)


@pytest.mark.parametrize("file", FILES)
def test_what_is_reported_for_each_mistake_in_a_policy(file: str, update_golden: bool):
    by_mistake = {m.name: problems_of(m.text) for m in mistakes_of(file) if m.about == "policy"}
    for name, problems in by_mistake.items():
        if name not in SEVERAL and name not in CANNOT_BE_KNOWN:
            assert [p.count("\n   hint: ") for p in problems] == [1], "\n".join([name, *problems])
    text = "\n".join("\n".join([f"=== {name}", *problems, ""]) for name, problems in by_mistake.items())
    golden = (FOLDER / file).with_suffix(".txt")
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sample(["third.yaml", "fourth.yaml"], every=2))
def test_what_is_reported_for_each_mistake_in_cases(file: str, update_golden: bool, tmp_path: Path):
    name = NAMES[file]
    written = tmp_path / f"{name}_cases.yaml"
    mistakes = [m for m in mistakes_of(file) if m.about == "cases"]
    by_mistake = {m.name: problems_of_cases(m.text, written, name) for m in mistakes}
    assert [name for name, problems in by_mistake.items() if len(problems) != 1] == []
    text = "\n".join("\n".join([f"=== {name}", *problems, ""]) for name, problems in by_mistake.items())
    golden = (FOLDER / file).with_name(f"{Path(file).stem}_cases.txt")
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


_SHOWN = re.compile(
    "(?:the name of a zone is no offset: |count in cents: )?"
    "(?:write|did you mean|quote it:|quote them:|nest it:|add|end|begin) `([^`]+)`"
)


@pytest.mark.parametrize(
    "mistake",
    sample(
        [m for file in ("third.yaml", "fourth.yaml") for m in mistakes_of(file) if m.about == "policy"],
        every=4,
    ),
    ids=lambda m: m.name,
)
def test_a_hint_that_is_followed_mends_the_mistake(mistake: Mistake):
    """The corrected file contains what the hint shows, and gives no diagnostics."""
    [problem] = problems_of(mistake.text)
    shown = _SHOWN.match(problem.rpartition("hint: ")[2])
    if shown is not None and "…" not in shown[1]:
        assert shown[1] in mistake.mended, problem
    assert problems_of(mistake.mended) == []


@pytest.mark.parametrize("file", sample(FILES, every=3))
def test_no_mistake_in_cases_passes(file: str, tmp_path: Path):
    mistakes = [m for m in mistakes_of(file) if m.about == "cases"]
    name = NAMES.get(file, "tool_loan")
    assert [m.name for m in mistakes if passes(m.text, tmp_path, name)] == []
