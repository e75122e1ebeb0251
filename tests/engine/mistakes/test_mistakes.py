"""What an owner is told of each mistake: one thing, at its place, with a hint. `--update-golden` rewrites the texts."""

from pathlib import Path

import pytest

from documents.source import decode_source
from engine.bundle import load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.lint import lint_versions
from tests.engine.mistakes import CASES, FOLDER, POLICY, bundle, mistakes_of

FILES = ["kinds.yaml", "second.yaml"]
CANNOT_BE_KNOWN = {"the wrong unit"}
SEVERAL = {
    "what always holds": "the cause and what it makes unreachable",
    "a condition that never holds": "it is also never used",
    "outcomes the wrong way round": "`on_error` and `otherwise` both permit",
}
"""Mistakes of which more than one thing is told, and why."""


def told(policy: str) -> list[str]:
    """What `comity check` tells of the text of a policy."""
    source, problems = decode_source(policy.encode(), "tool_loan.yaml")
    assert source is not None
    loaded = load_sources([source] if not problems else [], problems)
    found = [*loaded.diagnostics]
    for versions in loaded.bundle.policies.values() if loaded.bundle else ():
        found += lint_versions([v.validated for v in versions.all])
    return [d.render() for d in found]


def passes(cases: str, folder: Path) -> bool:
    file = folder / "tool_loan.yaml"
    file.write_text(cases, encoding="utf-8")
    read, problems = read_cases(file)
    return not problems and all(run_case(bundle(), case).passed for case in read)


def test_without_a_mistake_nothing_is_told(tmp_path: Path):
    assert told(POLICY) == []
    assert passes(CASES, tmp_path)


@pytest.mark.parametrize("file", FILES)
def test_what_is_told_of_each_mistake_in_a_policy(file: str, update_golden: bool):
    found = {m.name: told(m.text) for m in mistakes_of(file) if m.about == "policy"}
    for name, problems in found.items():
        if name not in SEVERAL and name not in CANNOT_BE_KNOWN:
            assert [p.count("\n   hint: ") for p in problems] == [1], "\n".join([name, *problems])
    text = "\n".join("\n".join([f"=== {name}", *problems, ""]) for name, problems in found.items())
    golden = (FOLDER / file).with_suffix(".txt")
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES)
def test_no_mistake_in_cases_passes(file: str, tmp_path: Path):
    mistakes = [m for m in mistakes_of(file) if m.about == "cases"]
    assert [m.name for m in mistakes if passes(m.text, tmp_path)] == []
