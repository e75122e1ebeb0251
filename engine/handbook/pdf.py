"""The handbook as a PDF with tags for screen readers. It needs the extra `pdf`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Final, assert_never

from engine.explain.sentences import Given, Name, Note, Piece, Sentence
from engine.handbook.page import PolicyPage, RuleShown, about, plain, told

INSTALL: Final = "install `comity[pdf]`"
STANDARD: Final = "ua-1"
"""It is refused where no font has a character; without a standard, typst leaves a gap and says nothing."""


class PdfRefused(Exception):
    """The text says why."""


def is_installed() -> bool:
    return find_spec("typst") is not None


def write_pdf(pages: Iterable[PolicyPage], title: str, made_at: datetime) -> bytes:
    """In the order given. The same pages, title and moment give the same bytes where the same fonts are installed. Raises
    PdfRefused."""
    import typst

    data = {"title": title, "policies": [_policy(page) for page in pages]}
    template = files("engine.handbook").joinpath("handbook.typ").read_bytes()
    try:
        written = typst.compile(
            template,
            format="pdf",
            sys_inputs={"handbook": json.dumps(data)},
            pdf_standards=[STANDARD],
            timestamp=made_at.replace(microsecond=0),
        )
    except typst.TypstError as error:
        reason = error.message.removeprefix("PDF/UA-1 error: ")
        hint = "; install a font that has it, such as Noto" if "could not be displayed" in reason else ""
        raise PdfRefused(f"{reason}{hint}") from None
    assert isinstance(written, bytes)
    return written


def _policy(page: PolicyPage) -> dict[str, Any]:
    return {
        "id": page.name,
        "title": page.title,
        "summary": page.summary,
        "about": [(None, term, words) for term, words in about(page).items()],
        "how": page.how,
        "rules": [_rule(page, rule) for rule in (*page.rules, page.otherwise)],
        "named": [
            {
                "id": _id(page, "named", next(p.name for p in each.pieces if isinstance(p, Name))),
                "sentence": _sentence(page, each),
            }
            for each in page.named
        ],
        "outputs": [_sentence(page, sentence) for _, sentence in page.outputs],
        "tables": [
            {
                "id": _id(page, "parameter", table.name),
                "title": _spaced(table.name).capitalize(),
                "help": plain(table.help),
                "columns": [_spaced(column) for column in table.columns],
                "rows": [
                    {"cells": [_spaced(cell) for cell in row.cells], "never": row.never is not None}
                    for row in table.rows
                ],
            }
            for table in page.tables
        ],
        "parameters": [
            (
                _id(page, "parameter", each.name),
                _spaced(each.name),
                told(f"{each.value} {each.bounds}".strip(), each.help),
            )
            for each in page.parameters
        ],
        "claims": [
            {
                "title": _spaced(claim.id),
                "sentences": [_sentence(page, sentence) for sentence in claim.sentences],
                "because": claim.because,
            }
            for claim in page.claims
        ],
        "facts": [
            (
                _id(page, "fact", fact.name),
                _spaced(fact.name),
                told("; ".join([_spaced(fact.type), *fact.marks]), fact.help),
            )
            for fact in page.facts
        ],
    }


def _rule(page: PolicyPage, rule: RuleShown) -> dict[str, Any]:
    return {
        "id": _id(page, "rule", rule.id),
        "title": _spaced(rule.id),
        "sentences": [_sentence(page, sentence) for sentence in rule.sentences],
        "message": [_piece(page, piece) for piece in rule.message],
        "notes": [plain(note) for note in ((rule.never,) if rule.never else ()) + rule.notes],
        "cases": [case.name for case in rule.cases],
    }


def _sentence(page: PolicyPage, sentence: Sentence) -> dict[str, Any]:
    return {
        "pieces": [_piece(page, piece) for piece in sentence.pieces],
        "items": [_sentence(page, item) for item in sentence.items],
    }


def _piece(page: PolicyPage, piece: Piece) -> str | dict[str, str | None]:
    match piece:
        case str():
            return piece
        case Name(kind="variable" | "field", text=text):
            return {"kind": "name", "text": text, "to": None}
        case Name(kind=kind, name=name, text=text):
            return {"kind": "name", "text": text, "to": _id(page, kind, name)}
        case Given(text=text):
            return {"kind": "given", "text": text}
        case Note(text=text):
            return {"kind": "note", "text": text}
        case _:
            assert_never(piece)


def _id(page: PolicyPage, kind: str, name: str) -> str:
    return f"{page.name}-{kind}-{name}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
