"""Shipped and documented YAML reads the same in PyYAML, ruamel.yaml and here; `comity fmt` finds and fixes differences."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from documents.formatter import format_source
from documents.nodes import Mapping, Node, Scalar, Sequence, digest_of, parse_documents
from documents.portable import unportable
from documents.source import Source
from tests.engine.generated.chance import FULL

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "policies").rglob("*.yaml"), *(ROOT / "tests" / "policy_cases").rglob("*.yaml")])
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "policies" / "README.md", *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^```yaml(?: (?:policy|patch|cases))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MOST = 3_000
"""Letters of each file that a small run compares, up to the end of a row: the others' parsers take most of the time."""
TAUGHT = [
    pytest.param(match[1], id=f"{document.name}:{document.read_text().count(chr(10), 0, match.start()) + 1}")
    for document in DOCUMENTS
    for match in FENCE.finditer(document.read_text(encoding="utf-8"))
]


def documents_of(text: str) -> list[Node]:
    documents, problems = parse_documents(Source("a.yaml", text), words=True)
    assert problems == []
    return documents


def ours(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [ours(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: ours(value) for key, value in node.entries}


class WithoutMoments(yaml.SafeLoader):
    """PyYAML's pure-Python parser, with timestamps left as text."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def in_pyyaml(text: str) -> list[Any]:
    return list(yaml.load_all(text, WithoutMoments))


def in_ruamel(text: str) -> list[Any]:
    reader = YAML(typ="safe", pure=True)
    reader.constructor.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda constructor, node: constructor.construct_scalar(node)
    )
    return list(reader.load_all(io.StringIO(text)))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_we_ship_reads_alike_everywhere(path: Path):
    text = path.read_text(encoding="utf-8")
    assert [finding for document in documents_of(text) for finding in unportable(document)] == []
    if not FULL and "\n  - " in text[:MOST]:
        text = text[: text.rindex("\n  - ", 0, MOST) + 1]
    assert in_pyyaml(text) == in_ruamel(text) == [ours(d) for d in documents_of(text)]


@pytest.mark.parametrize("text", TAUGHT)
def test_what_we_teach_reads_alike_everywhere(text: str):
    assert in_pyyaml(text) == in_ruamel(text) == [ours(d) for d in documents_of(text)]


UNPORTABLE = [
    ("a: {type: timestamp?, fixed: true}\n", 'a: {type: "timestamp?", fixed: true}\n'),
    ("next: [How do I sell?, Why?]\n", 'next: ["How do I sell?", "Why?"]\n'),
    ("a: {is it?: 1}\n", 'a: {"is it?": 1}\n'),
    ("start: 1:30\n", 'start: "1:30"\n'),
    ("at: 10:20:30\n", 'at: "10:20:30"\n'),
    ("a: Null\n", 'a: "Null"\n'),
    ("on: 1\nno: 2\n", '"on": 1\n"no": 2\n'),
    ("12: a\n", '"12": a\n'),
    ("sign: =\n", 'sign: "="\n'),
    ("a: 1.5e3\n", "a: 1500.0\n"),
    ("a: -2.5E2\n", "a: -250.0\n"),
]


@pytest.mark.parametrize(("text", "mended"), UNPORTABLE)
def test_what_others_read_otherwise_is_found_and_mended(text: str, mended: str):
    [document] = documents_of(text)
    assert list(unportable(document))
    with contextlib.suppress(yaml.YAMLError):
        assert in_pyyaml(text) != [ours(document)]
    assert format_source(Source("a.yaml", text)).text == mended
    assert in_pyyaml(mended) == in_ruamel(mended) == [ours(document)]
    assert list(unportable(documents_of(mended)[0])) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: timestamp?\n",
        "a: why not? because\n",
        'a: {type: "timestamp?"}\n',
        "a: 2026-01-01T00:00:00Z\n",
        "a: [90d, 1.5, -3, true, null, ~, due now, a:b]\n",
        "a: {b: 1.50, c: 0.5}\n",
        'a: "on"\nb: >-\n  yes\n',
        "a: 100000.0\n",
    ],
)
def test_what_all_read_alike_is_left_alone(text: str):
    [document] = documents_of(text)
    assert list(unportable(document)) == []
    assert in_pyyaml(text) == in_ruamel(text) == [ours(document)]
    assert format_source(Source("a.yaml", text)).text == text


def test_number_without_a_short_plain_spelling_is_reported_and_left():
    [document] = documents_of("a: 1.5e200\n")
    assert [finding.mended for finding in unportable(document)] == [None]
    assert format_source(Source("a.yaml", "a: 1.5e200\n")).text == "a: 1.5e200\n"


def test_a_released_document_is_not_quoted():
    text = "a: {type: timestamp?}\n---\nb: {type: timestamp?}\n"
    released = digest_of(documents_of(text)[0])
    mended = 'a: {type: timestamp?}\n---\nb: {type: "timestamp?"}\n'
    assert format_source(Source("a.yaml", text), frozenset([released])).text == mended
