"""Load policies for tests of the engine from text, or fail with the diagnostics."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from textwrap import dedent

from documents.source import Source
from engine import Bundle, load_bundle, load_sources
from engine.cases.case import Case
from engine.cases.reader import case_files, read_cases
from tests.engine.generated.chance import FULL

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def bundle_of(*texts: str) -> Bundle:
    loaded = load_sources(Source(f"policy{number}.yaml", dedent(text)) for number, text in enumerate(texts))
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle


@cache
def shipped() -> Bundle:
    """The shipped policies."""
    bundle = load_bundle(Path("policies")).bundle
    assert bundle is not None
    return bundle


@cache
def all_cases() -> list[Case]:
    """The cases of the shipped policies."""
    return [case for path in case_files([Path("tests/policy_cases")]) for case in read_cases(path)[0]]


def some_cases() -> list[Case]:
    """A quarter of them; all in a full run."""
    return all_cases() if FULL else all_cases()[::4]


RETURNS = """\
policy: returns
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  paid: bool
  amount: {type: int, show: true}
  bought_at: timestamp
  closed_at: timestamp?
  email: {type: string, private: true}
  buyer_id: {type: string, fixed: true}
parameters:
  window: {type: duration, value: 30d, min: 1d, max: 90d, show: true}
conditions:
  in_time: now < bought_at + window
  closed: closed_at != null
outcomes: [allow, review, deny]
on_error: deny
rules:
  - {id: never-paid, unless: paid, then: deny, message: Nothing was paid.}
  - {id: large, when: in_time && amount > 1000, then: review, message: "{amount} is a lot."}
  - {id: in-time, when: in_time && !closed, unless: email.endsWith("@spam.example"), then: allow, message: "Within {window}."}
otherwise: {id: too-late, then: deny, message: "The {window} are over."}
"""

FACTS = {
    "paid": True,
    "amount": 10,
    "bought_at": "2026-02-20T12:00:00Z",
    "closed_at": None,
    "email": "bea@example.com",
    "buyer_id": "7",
}
