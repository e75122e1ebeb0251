"""The topics that the assistant knows, as read from policies/assistant/topics.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass

from documents.nodes import Scalar

Phrase = tuple[str, ...]
"""Words that must all occur in a question. A trailing `*` matches any word with that prefix."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text with `{…}` placeholders, and its location in the file."""

    text: str
    node: Scalar


@dataclass(frozen=True, slots=True)
class Topic:
    """`about` is a key of `explanations.EXPLAINERS`, or empty if the topic explains no decision."""

    id: str
    asks: tuple[Phrase, ...]
    about: str
    general: Wording
    log_in: Wording | None
    none: Wording | None
    rules: Mapping[str, Wording]
    next: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixedReply:
    """A reply that does not depend on a question; `next` are questions to choose from."""

    wording: Wording
    next: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.wording.text


@dataclass(frozen=True, slots=True)
class Topics:
    topics: Mapping[str, Topic]
    follow_ups: tuple[Phrase, ...]
    greeting: FixedReply
    unknown: FixedReply
