"""The report for each mistake in a policy. `pytest --update-golden` rewrites the texts; review them in the diff."""

import ast
import re
from pathlib import Path

import pytest

from tests.engine.golden import FOLDER, diagnostics_of

FILES = sorted(FOLDER.rglob("*.yaml"))
TEXTS = sorted(FOLDER.rglob("*.txt"))
MISTAKES = FOLDER.parent / "mistakes"
ROOT = FOLDER.parents[2]
HEADLINE = re.compile(r"^\S+:[0-9]+:[0-9]+: (?:error|warning)\[([a-z0-9-]+)\]: (.*)$", re.MULTILINE)
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+|syntax")
LOADING = ["documents/*.py", "engine/bundle.py", "engine/expression/*.py", "engine/policy/*.py"]
"""The modules that report problems in a policy."""
ELSEWHERE = {"folders", "formatter", "obligations", "released"}
"""Folders of these modules whose codes are tested elsewhere."""
NO_CODES = {"utf-8", "on-error", "not-in-force", "not-one-document", "is-null"}
"""The third is a code of a decision, the fourth is for files next to the policies, the last one is part of a digest."""
HINT = re.compile(r"^\s*hint: (.*)$", re.MULTILINE)
QUOTED = re.compile(r"`([^`]+)`")
NAMES = re.compile(r"(?<![\w.\"'])[a-z]\w*(?![\w:])")
PLACEHOLDERS = set("abcdxyz") | {
    *(
        "column",
        "condition",
        "expression",
        "field",
        "fact",
        "item",
        "key",
        "list",
        "moment",
        "name",
        "policy",
    ),
    *("reason", "table", "text", "type", "value"),
}


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_diagnostics_of_a_mistake(path: Path, update_golden: bool) -> None:
    rendered = diagnostics_of(path)
    text = path.with_suffix(".txt")
    if update_golden:
        text.write_text(rendered, encoding="utf-8")
    assert rendered == text.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_messages_are_short_sentences_without_python(path: Path) -> None:
    for _, message in HEADLINE.findall(path.read_text(encoding="utf-8")):
        unquoted = re.sub("`[^`]*`", "``", message)
        assert not unquoted.endswith("."), message
        assert unquoted[0].islower() or unquoted[0] in "`±" or unquoted.startswith(("YAML", "RE2")), message
        assert not re.search(r"\b(?:str|dict|NoneType|tuple|float|None|True|False|object)\b", unquoted), (
            message
        )


def test_hints_show_no_invented_names() -> None:
    """What is not known is written as `…`: an invented name looks like code that can be copied."""
    shared = [path.read_text(encoding="utf-8") for path in sorted(MISTAKES.glob("*.yaml"))]
    for path in [*TEXTS, *sorted(MISTAKES.glob("*.txt"))]:
        listed = path.with_suffix(".yaml")
        sources = (
            shared if path.parent == MISTAKES or not listed.exists() else [listed.read_text(encoding="utf-8")]
        )
        own = {name for source in sources for name in re.findall(r"\b(\w+)(?:: |, )", source)}
        for hint in HINT.findall(path.read_text(encoding="utf-8")):
            for code in set(QUOTED.findall(hint)) - PLACEHOLDERS:  # `value` alone is a key
                bound = set(re.findall(r"\((\w+),", code))
                shown = set(NAMES.findall(re.sub(r'"[^"]*"', "", code)))
                assert shown & PLACEHOLDERS - bound - own == set(), f"{path.stem}: {hint}"


def test_every_code_of_the_engine_is_in_a_golden_file() -> None:
    codes = {code for path in TEXTS for code, _ in HEADLINE.findall(path.read_text(encoding="utf-8"))}
    assert sorted(codes_in_the_engine() - codes) == []


def test_at_least_sixty_messages_are_golden() -> None:
    messages = {
        message for path in TEXTS for _, message in HEADLINE.findall(path.read_text(encoding="utf-8"))
    }
    assert len(messages) >= 60


def codes_in_the_engine() -> set[str]:
    modules = [
        path for pattern in LOADING for path in sorted(ROOT.glob(pattern)) if path.stem not in ELSEWHERE
    ]
    assert len(modules) > 20
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules]
    texts = (n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)} - NO_CODES
