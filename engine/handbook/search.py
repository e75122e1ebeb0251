"""Finds words in the page of a policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """Every part that has all of the words, in any case. The words between the names of a sentence, such as `holds if`, do not
    count."""
    wanted = words.casefold().split()
    for kind, name, anchor, text, names in _parts(page):
        said = f"{kind} {name} {name.replace('_', ' ')} {page.title} {names}".casefold()
        if wanted and all(word in said for word in wanted):
            yield Hit(page.name, page.title, kind, name.replace("_", " "), anchor, _shortened(text))


def _parts(page: PolicyPage) -> Iterator[tuple[str, str, str, str, str]]:
    """Each part as it is shown, and what of it is searched."""
    yield "policy", page.name, "main", page.summary, page.summary
    for rule in (*page.rules, page.otherwise):
        message = words_of(rule.message)
        shown = f"{words_of_all(rule.sentences)}. {message}"
        yield "rule", rule.id, f"rule-{rule.id}", shown, f"{_names_in(rule.sentences)} {message}"
    for sentence in page.named:
        name = next(piece.name for piece in sentence.pieces if isinstance(piece, Name))
        yield "condition", name, f"named-{name}", words_of_all([sentence]), _names_in([sentence])
    for parameter in page.parameters:
        text = f"{parameter.value} {parameter.bounds} {parameter.help}"
        yield "parameter", parameter.name, f"parameter-{parameter.name}", text, text
    for table in page.tables:
        text = f"{table.help} {'; '.join(' '.join(row.cells) for row in table.rows)}"
        yield "table", table.name, f"parameter-{table.name}", text, text
    for claim in page.claims:
        shown = words_of_all(claim.sentences)
        yield "claim", claim.id, f"claim-{claim.id}", shown, f"{_names_in(claim.sentences)} {claim.because}"
    for fact in page.facts:
        text = f"{fact.type} {fact.help}"
        yield "fact", fact.name, f"fact-{fact.name}", text, text


def _names_in(sentences: Sequence[Sentence]) -> str:
    names = [piece.text for s in sentences for piece in s.pieces if not isinstance(piece, str)]
    return " ".join([*names, *(_names_in(s.items) for s in sentences)])


def words_of(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text if isinstance(piece, Name | Given | Note) else piece for piece in pieces)


def words_of_all(sentences: Sequence[Sentence]) -> str:
    return "; ".join(" ".join(filter(None, [words_of(s.pieces), words_of_all(s.items)])) for s in sentences)


def _shortened(text: str) -> str:
    return text if len(text) <= _AROUND else text[:_AROUND].rsplit(" ", 1)[0] + " …"
