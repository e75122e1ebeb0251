"""Texts that loaded before the second version of the language, and the decisions they gave then. They never change.

`texts.jsonl.xz` has one text per line: the shipped policies, those of the documentation and of the engine's tests, and 2,000
generated ones. Each has its digests and a list of questions: the name of a policy, facts, a time, and the decision.
"""

import json
import lzma
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from engine import Decision

TEXTS = Path(__file__).parent / "texts.jsonl.xz"


class Question(NamedTuple):
    policy: str
    facts: Any
    at: str
    decided: list[Any]

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.at)


class Frozen(NamedTuple):
    """`origin` is the source of a text; `digests` are those of its versions, in order."""

    origin: str
    text: str
    digests: list[str]
    questions: list[Question]


def read_texts() -> Iterator[Frozen]:
    with lzma.open(TEXTS, "rt", encoding="utf-8") as lines:
        for line in lines:
            origin, text, digests, questions = json.loads(line)
            yield Frozen(origin, text, digests, [Question(*q) for q in questions])


def decided(decision: Decision) -> list[Any]:
    """The parts of a decision to compare: all except its time, the digest of its bundle, and the wording of errors in facts."""
    body = decision.to_dict()
    message = None if decision.errors else decision.message
    errors = [[error.path, error.code] for error in decision.errors]
    kept = ("version", "outcome", "rule", "reason", "obligations", "outputs", "matched")
    return [*(body[part] for part in kept), message, errors]
