"""Mutated policies end in a bundle or in diagnostics with a position, never in an exception, after bounded work."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from documents.diagnostics import has_errors
from documents.source import decode_source
from engine import Loaded, load_sources
from engine.bundle import policy_files
from tests.conftest import Scale
from tests.engine.golden import MINIMAL
from tests.work import counted

pytestmark = pytest.mark.fuzz
LATER = datetime(2199, 1, 1, tzinfo=UTC)
CALLS_A_BYTE = 100
"""An unmodified policy takes 5 to 20 calls per byte."""
CALLS_A_FILE = 10_000
POLICIES = Path(__file__).parents[3] / "policies"
TEXTS = [MINIMAL.encode(), *(path.read_bytes() for path in policy_files(POLICIES))]
TOKENS = re.findall(
    r"\S+",
    """&& || ! == != < > <= >= ( ) [ ] { } : - , . ? ' " # | >- \\ * & % @ ` ~ null true false yes no now in 0 -1 1.5 90d
    exists all size map filter when unless then for_each table rows list enum type string int timestamp? --- ...""",
)
Mutation = Callable[[random.Random, bytes], bytes]


def replace_a_byte(chance: random.Random, text: bytes) -> bytes:
    at = chance.randrange(len(text))
    return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]


def delete_a_piece(chance: random.Random, text: bytes) -> bytes:
    at = chance.randrange(len(text))
    return text[:at] + text[at + chance.randrange(1, 40) :]


def repeat_a_piece(chance: random.Random, text: bytes) -> bytes:
    at = chance.randrange(len(text))
    piece = text[at : at + chance.randrange(1, 40)]
    return text[:at] + piece * chance.choice((2, 3, 50)) + text[at:]


def insert_a_token(chance: random.Random, text: bytes) -> bytes:
    at = chance.randrange(len(text))
    return text[:at] + b" " * chance.randrange(2) + chance.choice(TOKENS).encode() + text[at:]


def replace_a_word(chance: random.Random, text: bytes) -> bytes:
    words = text.split(b" ")
    words[chance.randrange(len(words))] = chance.choice(
        [chance.choice(TOKENS).encode(), chance.choice(words)]
    )
    return b" ".join(words)


def swap_lines(chance: random.Random, text: bytes) -> bytes:
    lines = text.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def indent_a_line(chance: random.Random, text: bytes) -> bytes:
    lines = text.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at] = chance.choice((b" ", b"  ", b"\t", b"- ")) + lines[at]
    return b"\n".join(lines)


MUTATIONS: list[Mutation] = [
    replace_a_byte,
    delete_a_piece,
    repeat_a_piece,
    insert_a_token,
    insert_a_token,
    replace_a_word,
    replace_a_word,
    swap_lines,
    indent_a_line,
]


def mutated(seed: int) -> bytes:
    chance = random.Random(seed)
    text = chance.choice(TEXTS)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        text = chance.choice(MUTATIONS)(chance, text) or b"a"
    return text


def load_text(text: bytes) -> Loaded:
    source, problems = decode_source(text, "mutated.yaml")
    return load_sources([source] if source and not problems else [], problems)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_policies_that_are_mutated_are_good_before(text: bytes) -> None:
    assert load_text(text).bundle is not None


LONG = """\
policy: long
version: 1
effective_from: 2026-01-01T00:00:00Z
summary: A condition with many mistakes.
source: Trust council
outcomes: [deny, allow]
default: deny
on_error: deny
facts: {n: int, s: string, signals: {list: {block: double}}}
rules:
  - id: many
    when: >-
      """


@pytest.mark.parametrize(
    "term", ["signa.block > 1.0", "n.size() == 1", "n == '1'", "!n && s.exists(n)", "-s > n"]
)
def test_many_problems_of_one_condition_cost_no_more_than_their_text(term: str) -> None:
    text = (LONG + " &&\n      ".join([term] * 60) + "\n    then: allow\n").encode()
    loaded, calls = counted(lambda: load_text(text))
    assert len(loaded.diagnostics) > 10
    assert calls < CALLS_A_FILE + 4 * CALLS_A_BYTE * len(text)


def test_mutated_policies_end_in_a_bundle_or_in_diagnostics(
    scale: Scale, record_property: Callable[[str, object], None]
) -> None:
    ends: Counter[bool] = Counter()
    for seed in range(max(100, scale.examples // 2)):
        text = mutated(seed)
        loaded, calls = counted(lambda text=text: load_text(text))
        assert calls < CALLS_A_FILE + CALLS_A_BYTE * len(text), seed
        assert (loaded.bundle is None) is has_errors(loaded.diagnostics), seed
        ends[loaded.bundle is None] += 1
        for name, versions in loaded.bundle.policies.items() if loaded.bundle else ():
            decision = loaded.bundle.decide(name, {}, now=LATER)
            assert (decision.rule == "on-error") is bool(versions.all[-1].validated.policy.facts), seed
        lines = text.decode("utf-8", "replace").splitlines() or [""]
        assert all(
            1 <= d.line <= len(lines) + 1 and d.column >= 1 and d.message for d in loaded.diagnostics
        ), seed
    record_property("mutated policies refused", ends[True])
    record_property("mutated policies taken", ends[False])
    assert min(ends.values()) > 3


PIECES = re.findall(
    r"\S+",
    """&& || ! == != < > <= ( ) ( ) [ ] { } , . ? : + - * in null true now 1 1.5 5u 0x1F "x" 'y' r"a" b'x' $ _ ; \\ " ' buyer_id
    status amount ratio closed_at grace confirmed tags lines keep_for limits exists all map filter exists_one size days(1)
    duration("1d") contains matches trim() c t has""",
)


def test_random_conditions_end_in_a_bundle_or_in_diagnostics(scale: Scale) -> None:
    chance = random.Random(1)
    for _ in range(max(100, scale.examples // 2)):
        glue = chance.choice(("", " "))
        condition = glue.join(chance.choices(PIECES, k=chance.randrange(1, 14)))
        loaded = load_text(f"{MINIMAL}conditions:\n  a: {json.dumps(condition)}\n".encode())
        assert (loaded.bundle is None) is has_errors(loaded.diagnostics), condition
        assert all(d.line > MINIMAL.count("\n") for d in loaded.diagnostics), condition
