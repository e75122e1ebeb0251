"""Relative links lead to files, anchors to headings, and paths in backticks exist."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.markdown import MARKDOWN_FILES, ROOT, outside_fences, relative_name

_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")
_PATH = re.compile(
    r"`((?:api|benchmarks|comity|config|console|decisions|detectors|docs|documents|engine|findings|marketplace|ml|policies"
    r"|requirements|tests)/[\w./-]*)`"
)
MADE_LATER = {"policies/released.lock", "policies/.schema/policy.json", "policies/.schema/case.json"}


def slug(heading: str) -> str:
    """The anchor of a heading, as Markdown renderers generate it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


@cache
def anchors(document: Path) -> frozenset[str]:
    lines = (line for _, line in outside_fences(document.read_text(encoding="utf-8")))
    return frozenset(slug(line.lstrip("#")) for line in lines if line.startswith("#"))


def dead_links(document: Path, text: str) -> Iterator[str]:
    """Dead links in a text, resolved relative to the document, with their lines."""
    lines = dict(outside_fences(text))
    prose = "\n".join(lines.get(number, "") for number in range(1, max(lines, default=0) + 1))
    for link in _LINK.finditer(_CODE.sub(lambda code: "_" * len(code[0]), prose)):
        if problem := _dead(document, link[1]):
            yield f"{prose.count(chr(10), 0, link.end()) + 1}: {problem}"
    for path in _PATH.finditer(prose):
        if path[1] not in MADE_LATER and not (ROOT / path[1]).exists():
            yield f"{prose.count(chr(10), 0, path.start()) + 1}: there is no `{path[1]}`"


def _dead(document: Path, target: str) -> str | None:
    """What is wrong with a link, or None."""
    if re.match(r"[a-z]+:", target):
        return None
    name, _, anchor = target.partition("#")
    file = (document.parent / name).resolve() if name else document
    if not file.exists():
        return f"there is no {name}"
    if anchor and anchor not in anchors(file):
        return f"{name or document.name} has no heading #{anchor}"
    return None


@pytest.mark.parametrize("document", MARKDOWN_FILES, ids=relative_name)
def test_links_of_a_page_lead_somewhere(document: Path) -> None:
    assert list(dead_links(document, document.read_text(encoding="utf-8"))) == []


def test_every_page_of_docs_is_in_the_navigation_of_the_site() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"^ +- ([\w./-]+\.md)$", navigation, re.MULTILINE))
    assert listed == {relative_name(document) for document in MARKDOWN_FILES}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a](nowhere.md)", "1: there is no nowhere.md"),
        ("A link over\n[two\nlines](nowhere.md)", "3: there is no nowhere.md"),
        ("`code` in\n`two` and [a](nowhere.md)", "2: there is no nowhere.md"),
        ("[a](operations.md#nowhere)", "1: operations.md has no heading #nowhere"),
        ("# Here\n\n[a](#nowhere)", "3: settings.md has no heading #nowhere"),
        ("see `engine/nothing.py`", "1: there is no `engine/nothing.py`"),
    ],
)
def test_dead_links_are_found(text: str, problem: str) -> None:
    assert list(dead_links(ROOT / "docs" / "settings.md", text)) == [problem]


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://example.com/nowhere)",
        "[a](operations.md#a-new-secret-key) and [b](../README.md)",
        "`[a](nowhere.md)`",
        "```\n[a](nowhere.md)\n```",
    ],
)
def test_good_links_and_code_are_not_reported(text: str) -> None:
    assert list(dead_links(ROOT / "docs" / "settings.md", text)) == []
