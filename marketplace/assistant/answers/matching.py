"""Matches a question to a topic: the one whose matching phrase has the most words."""

import unicodedata
from collections.abc import Iterable, Set
from typing import Final

import regex

from marketplace.assistant.answers.reply import Turn
from marketplace.assistant.answers.topics import Phrase, Topic, Topics

READ: Final = 4_000
_WORD: Final = regex.compile(r"[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}]|'(?=\p{L}))*\*?")


def read_phrase(text: str) -> Phrase:
    return tuple(_WORD.findall(_folded(text)))


def words_of(text: str) -> frozenset[str]:
    return frozenset(word.removesuffix("*") for word in read_phrase(text[:READ]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def find_topic(topics: Topics, text: str, turns: Iterable[Turn]) -> Topic | None:
    """If nothing matches, a short question such as "why?" refers to the topic of the last answer."""
    words = words_of(text)
    best, most = None, (0, 0)
    for topic in topics.topics.values():
        score = _score(topic, words)
        if score > most:
            best, most = topic, score
    if best is None and any(_fits(phrase, words) for phrase in topics.follow_ups):
        spoken = [turn.topic for turn in turns if turn.topic in topics.topics]
        return topics.topics[spoken[-1]] if spoken else None
    return best


def _score(topic: Topic, words: Set[str]) -> tuple[int, int]:
    """The length in words of the longest matching phrase, and the number of matching phrases."""
    fitting = [len(phrase) for phrase in topic.asks if _fits(phrase, words)]
    return max(fitting, default=0), len(fitting)


def _fits(phrase: Phrase, words: Set[str]) -> bool:
    return all(_stands(word, words) for word in phrase)


def _stands(word: str, words: Set[str]) -> bool:
    if word.endswith("*"):
        return any(other.startswith(word[:-1]) for other in words)
    return word in words
