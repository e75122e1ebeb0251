"""Finds words in the page of a policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.explain.sentences import Given, Name, Note, Piece, Sentence
from engine.handbook.page import PolicyPage

_AROUND = 160


@dataclass(frozen=True, slots=True)
class Hit:
    """`anchor` is the place in the page, `kind` what stands there."""

    policy: str
    title: str
    kind: str
    name: str
    anchor: str
    text: str


def find_in(page: PolicyPage, words: str) -> Iterator[Hit]:
    """Every part that has all of the words, in any case."""
    wanted = words.casefold().split()
    for kind, name, anchor, text in _parts(page):
        said = f"{kind} {name} {name.replace('_', ' ')} {page.title} {text}".casefold()
        if wanted and all(word in said for word in wanted):
            yield Hit(page.name, page.title, kind, name.replace("_", " "), anchor, _shortened(text))


def _parts(page: PolicyPage) -> Iterator[tuple[str, str, str, str]]:
    yield "policy", page.name, "main", page.summary
    for rule in (*page.rules, page.otherwise):
        text = f"{words_of_all(rule.sentences)}. {words_of(rule.message)}"
        yield "rule", rule.id, f"rule-{rule.id}", text
    for sentence in page.named:
        name = next(piece.name for piece in sentence.pieces if isinstance(piece, Name))
        yield "condition", name, f"named-{name}", words_of_all([sentence])
    for parameter in page.parameters:
        text = f"{parameter.value} {parameter.bounds} {parameter.help}"
        yield "parameter", parameter.name, f"parameter-{parameter.name}", text
    for table in page.tables:
        cells = "; ".join(" ".join(row.cells) for row in table.rows)
        yield "table", table.name, f"parameter-{table.name}", f"{table.help} {cells}"
    for fact in page.facts:
        yield "fact", fact.name, f"fact-{fact.name}", f"{fact.type} {fact.help}"


def words_of(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text if isinstance(piece, Name | Given | Note) else piece for piece in pieces)


def words_of_all(sentences: tuple[Sentence, ...] | list[Sentence]) -> str:
    return "; ".join(" ".join(filter(None, [words_of(s.pieces), words_of_all(s.items)])) for s in sentences)


def _shortened(text: str) -> str:
    return text if len(text) <= _AROUND else text[:_AROUND].rsplit(" ", 1)[0] + " …"
