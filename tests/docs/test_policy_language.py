"""Every fenced example in the policy language documentation behaves as described.

The words after the fence give the kind of example: a whole `policy`; a `patch` of the page's first policy; a `refused` patch or
condition and its code; `facts`; `cases`; or CEL conditions that are `true`, one per line.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from documents.diagnostics import has_errors
from documents.source import Source
from documents.strict_json import parse_json
from engine import Loaded, load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("policy_language", "versions", "first_policy", "coming_from")
OTHER_LANGUAGES = {"cedar", "rego", "yaml cerbos"}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^(\w+):.*\n(?:(?![\w#]).*\n)*", re.MULTILINE)
_ENTRY = re.compile(r"^  (\w+):.*\n(?:   .*\n)*", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    kind: str
    code: str
    text: str
    line: int
    page: str

    def __str__(self) -> str:
        return f"{self.page} line {self.line}: {self.kind} {self.code}".strip()


def read_page(page: str) -> list[Example]:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    examples = []
    for match in _FENCE.finditer(text):
        kind, _, code = match[1].partition(" refused ")
        examples.append(
            Example(
                kind + " refused" * bool(code), code, match[2], text[: match.start()].count("\n") + 1, page
            )
        )
    return examples


EXAMPLES = [example for page in PAGES for example in read_page(page) if example.kind not in OTHER_LANGUAGES]
POLICIES = [e for e in EXAMPLES if e.kind == "yaml policy"]
BASES = {e.page: e.text for e in reversed(POLICIES)}
"""The first policy of each page, which patches change."""
BASE = BASES["policy_language"]


def of_kind(kind: str):
    examples = [e for e in EXAMPLES if e.kind == kind]
    assert examples, f"the page has no example of {kind}"
    return pytest.mark.parametrize("example", examples, ids=str)


def load(text: str) -> Loaded:
    return load_sources([Source("example.yaml", text)])


def sections_of(text: str) -> dict[str, str]:
    return {m[1]: m[0].rstrip("\n") + "\n" for m in _SECTION.finditer(text)}


def patched(patch: str, base: str = BASE) -> str:
    """The page's first policy with the patch's entries; lists and words are replaced as a whole."""
    sections = sections_of(base)
    for key, text in sections_of(patch).items():
        head, _, body = text.partition("\n")
        if key in ("facts", "parameters", "conditions", "outputs"):
            given = {m[1] for m in _ENTRY.finditer(body)}
            kept = [m[0] for m in _ENTRY.finditer(sections[key]) if m[1] not in given]
            text = head + "\n" + "".join(kept) + body
        sections[key] = text
    return "".join(sections.values())


def with_condition(condition: str) -> str:
    return patched(f"conditions:\n  example: >-\n    {condition}\n")


def errors(loaded: Loaded) -> list[str]:
    return sorted({d.code for d in loaded.diagnostics if d.severity == "error"})


def lines(example: Example) -> list[str]:
    return [line for line in example.text.splitlines() if line.strip()]


def test_every_example_is_of_a_kind_that_is_checked():
    kinds = {
        "yaml policy",
        "yaml patch",
        "yaml refused",
        "yaml cases",
        "json facts",
        "cel true",
        "cel refused",
        "diagnostic",
    }
    assert {e.kind for e in EXAMPLES} == kinds


@of_kind("yaml policy")
def test_policy_loads(example):
    loaded = load(example.text)
    assert not has_errors(loaded.diagnostics), "\n".join(d.render() for d in loaded.diagnostics)


@of_kind("yaml patch")
def test_patch_loads(example):
    loaded = load(patched(example.text, BASES[example.page]))
    assert not has_errors(loaded.diagnostics), "\n".join(d.render() for d in loaded.diagnostics)


@of_kind("yaml refused")
def test_refused_patch_has_just_this_error(example):
    loaded = load(patched(example.text, BASES[example.page]))
    assert errors(loaded) == [example.code], "\n".join(d.render() for d in loaded.diagnostics)


@of_kind("diagnostic")
def test_diagnostic_is_what_the_example_above_it_gets(example):
    above = [e for e in EXAMPLES if e.page == example.page and e.line < example.line][-1]
    [diagnostic] = load(patched(above.text, BASES[example.page])).diagnostics
    assert (
        example.text
        == f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}\nhint: {diagnostic.hint}\n"
    )


@of_kind("json facts")
def test_facts_fit_the_first_policy(example):
    decision = load(BASE).bundle.decide("returns", parse_json(example.text.encode()), now=NOW)
    assert decision.errors == ()


@of_kind("cel true")
def test_condition_holds_for_the_facts_of_the_page(example):
    [facts] = [parse_json(e.text.encode()) for e in EXAMPLES if e.kind == "json facts"]
    for line in lines(example):
        loaded = load(with_condition(line))
        assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
        explanation = loaded.bundle.decide("returns", facts, now=NOW, explain=True).explanation
        assert {c["name"]: c["holds"] for c in explanation["conditions"]}["example"], line


@of_kind("cel refused")
def test_refused_condition_has_just_this_error(example):
    for line in lines(example):
        loaded = load(with_condition(line))
        assert errors(loaded) == [example.code], f"{line}: " + "\n".join(
            d.render() for d in loaded.diagnostics
        )


@of_kind("yaml cases")
def test_cases_pass(example, tmp_path):
    above = {
        re.search(r"^policy: (\w+)", e.text)[1]: e.text
        for e in POLICIES
        if e.page == example.page and e.line < example.line
    }
    bundle = load_sources(Source(f"{name}.yaml", text) for name, text in above.items()).bundle
    path = tmp_path / "cases.yaml"
    path.write_text(example.text, encoding="utf-8")
    cases, problems = read_cases(path)
    assert (problems, bool(cases)) == ((), True)
    results = [run_case(bundle, case) for case in cases]
    assert [str(f) for r in results for f in (*r.failures, *r.problems)] == []
