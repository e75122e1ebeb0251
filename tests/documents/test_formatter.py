"""Formatting keeps the meaning and every comment, and is idempotent."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formatter import format_source
from documents.nodes import digest_of, parse_documents
from documents.source import Source
from engine import load_sources
from engine.bundle import policy_files

SHIPPED = sorted([*Path("policies").glob("*.yaml"), *Path("tests/policy_cases").glob("*.yaml")])


def tidied(text: str, *released: str) -> str:
    formatted = format_source(Source("some.yaml", text), released)
    assert formatted.text is not None, formatted.diagnostics
    return formatted.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1   \nb: 2\t\n", "a: 1\nb: 2\n"),
        ("a: 1", "a: 1\n"),
        ("a: 1\n\n\n", "a: 1\n"),
        ("\n\na: 1\n", "a: 1\n"),
        ("a: 1\n\n \n\nb: 2\n", "a: 1\n\nb: 2\n"),
        ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n"),
        ("#one\na: 1 #two\n", "# one\na: 1 # two\n"),
        ("# see #4\na: 1\n", "# see #4\na: 1\n"),
        ("#!keep\n#\n##  keep\n", "#!keep\n#\n##  keep\n"),
        ("a: 'b #c'   # d\n", "a: 'b #c'   # d\n"),
        ("a: b#c\n", "a: b#c\n"),
        ("# only a comment  \n", "# only a comment\n"),
        ("---\na: 1\n\n\n---\na: 2\n", "---\na: 1\n\n---\na: 2\n"),
    ],
)
def test_text_between_values_is_tidied(before: str, after: str):
    assert tidied(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  one  \n\n\n  #two\n\nb: 1\n",
        "a: >-\n  one\n\n\n  two\n",
        "a: |+\n  one\n\n\n",
        "a: |+\n  one\n\n\nb: 1\n",
        "a: 'one\n\n\n  two'\n",
        'a: "one  \\\n  #two"\n',
        "a: one\n\n\n  two\n",
        "",
        "rows: [[1,2], [10,20]]\n",
        "rows:\n  - [1,\n     2]\n  - [10, 20]\n",
        "rows:\n  - [[1,2],3]\n  - [4,5]\n",
        "rows:\n  - [1,2]\n  - [1,2,3]\n",
        "other:\n  - [1,2]\n  - [10,20]\n",
    ],
)
def test_texts_and_lists_that_are_no_columns_stay_as_they_are(text: str):
    assert tidied(text) == text


def test_columns_of_rows_are_aligned():
    before = "rows:\n  # name, most\n  - [ threat,0.5 , 1]   # here\n\n  - [spam, 0.75,10 ]\n"
    after = "rows:\n  # name, most\n  - [threat, 0.5,  1]   # here\n\n  - [spam,   0.75, 10]\n"
    assert tidied(before) == after


def test_columns_that_are_aligned_wider_than_needed_stay():
    text = "rows:\n  # name    most  least\n  - [a,      1,    2]\n  - [b,      3,    4]\n"
    assert tidied(text) == text


def test_a_released_version_stays_as_it_is_to_the_letter():
    text = "policy: a #one\nversion: 1   \n\n\nowner: b\n---\npolicy: a #one\n\n\nversion: 2   \n"
    first, _ = parse_documents(Source("some.yaml", text))[0]
    kept = tidied(text, digest_of(first))
    assert kept == "policy: a #one\nversion: 1   \n\n\nowner: b\n---\npolicy: a # one\n\nversion: 2\n"
    assert digest_of(parse_documents(Source("some.yaml", kept))[0][0]) == digest_of(first)


def test_a_file_that_cannot_be_read_is_not_touched():
    formatted = format_source(Source("some.yaml", "a: [1  \n"))
    assert formatted.text is None
    assert [d.code for d in formatted.diagnostics] == ["yaml-syntax"]


@pytest.mark.parametrize("path", SHIPPED, ids=str)
def test_the_repository_is_tidy(path: Path):
    text = path.read_text()
    assert tidied(text) == text


def comments(text: str) -> Counter[str]:
    """Every comment, or what looks like one."""
    return Counter(re.sub(r"\s+", "", c) for c in re.findall(r"#.*", text))


def says(text: str) -> list[tuple[str, str, object]]:
    """The YAML parser's events, with values and styles."""
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    return [(type(e).__name__, getattr(e, "value", ""), getattr(e, "style", None)) for e in events]


def roughened(text: str, randomness: random.Random) -> str:
    """The same file with sloppy white space; multi-line texts are left alone."""
    rough = []
    in_text = -1
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        in_text = -1 if line.strip() and indent <= in_text else in_text
        if in_text < 0:
            line = re.sub(r"^(\s*)# (?=\w)", r"\1#" if randomness.random() < 0.5 else r"\1# ", line)
            if re.match(r" *- \[[^\[{'\"]*\]", line):
                line = re.sub(r", +", lambda _: "," + " " * randomness.randrange(4), line)
            line += randomness.choice(["", " ", "  \t"]) if line.strip() else ""
            rough += [""] * randomness.choice([0, 0, 0, 1, 3])
            if (
                re.search(r"[:-] [|>][-+]?\s*(#.*)?$", line)
                or line.count("'") % 2
                or re.search(r"\[[^\]]*$", line)
            ):
                in_text = indent
        rough.append(line)
    return "\n".join(rough) + "\n" * randomness.randrange(3)


@given(st.sampled_from(SHIPPED), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_tidying_loses_nothing_and_once_is_enough(path: Path, randomness: random.Random):
    rough = roughened(path.read_text(), randomness)
    once = tidied(rough)
    assert says(once) == says(rough)
    assert comments(once) == comments(rough)
    assert tidied(once) == once
    assert not re.search(r"[ \t]$|\n\n\n|\A\n|[^\n]\Z|\n\n\Z", once, re.MULTILINE)


@pytest.mark.parametrize("path", policy_files(Path("policies")), ids=str)
def test_a_tidied_policy_is_the_same_policy(path: Path):
    rough = roughened(path.read_text(), random.Random(7))
    before, after = (load_sources([Source("some.yaml", text)]).bundle for text in (rough, tidied(rough)))
    assert before is not None and after is not None
    (name,) = before.policies
    assert [e for v in before.policies[name].all for e in v.entries] == [
        e for v in after.policies[name].all for e in v.entries
    ]
