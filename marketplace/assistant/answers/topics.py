"""What the assistant knows to answer, as read from policies/assistant/topics.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass

from documents.nodes import Scalar

Phrase = tuple[str, ...]
"""Words that must all stand in a question; one that ends with `*` stands for every word that begins so."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text for people with `{…}` places, and where it was written."""

    text: str
    node: Scalar


@dataclass(frozen=True, slots=True)
class Topic:
    """`about` is a key of `explanations.EXPLAINERS`, or empty where no decision is explained."""

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
    """Something that is said without a question that is understood; `next` are questions to choose from."""

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
