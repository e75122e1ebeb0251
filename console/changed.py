"""A report prepared for a page: the change in words, and what is decided otherwise."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from engine.claims import extra, words
from engine.claims.difference import Change, NotProven
from marketplace.publishing.models import Publication, Report
from marketplace.publishing.reporting import read_body
from marketplace.publishing.standing import texts_of

MOST_LINES: Final = 2000


@dataclass(frozen=True, slots=True)
class Words:
    """What was edited in a policy."""

    policy: str
    edits: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A kind of change, with the smallest input and what each side decides."""

    sentence: str
    at: str | None
    facts: Mapping[str, Any] | None
    decisions: tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """`otherwise` is None if decisions were not compared."""

    words: tuple[Words, ...]
    otherwise: tuple[Otherwise, ...] | None
    not_compared: str
    only_texts: tuple[str, ...]
    not_proven: tuple[str, ...]
    claims: tuple[Mapping[str, Any], ...] | None
    claims_removed: tuple[str, ...]
    cases: Mapping[str, int]
    warnings: tuple[Mapping[str, Any], ...]
    files: Mapping[str, list[str]]

    @property
    def proven(self) -> list[Mapping[str, Any]]:
        return [claim for claim in self.claims or () if claim["status"] == "proven"]

    @property
    def unproven(self) -> list[Mapping[str, Any]]:
        return [claim for claim in self.claims or () if claim["status"] != "proven"]


def read_report(report: Report) -> Changed:
    body = read_body(report.body)
    difference = body["difference"] or {"changes": [], "not_proven": [], "texts": []}
    claims = body["claims"]
    missing = [words.not_proven(NotProven(**each)) for each in difference["not_proven"]]
    missing += [
        f"the claim `{each['claim']}`: {each['why']}"
        for each in claims or ()
        if each["status"] == "not proven"
    ]
    return Changed(
        words=tuple(_words(body.get("edits", []))),
        otherwise=None if body["difference"] is None else tuple(map(_otherwise, difference["changes"])),
        not_compared=""
        if body["difference"] is not None
        else f"Decisions were not compared: {extra.INSTALL} on the server.",
        only_texts=tuple(difference["texts"]),
        not_proven=tuple(missing),
        claims=None if claims is None else tuple(claims),
        claims_removed=tuple(body["claims_removed"]),
        cases=body["cases"],
        warnings=tuple(body["warnings"]),
        files=body["files"],
    )


def otherwise_of(change: Change) -> Otherwise:
    sides = (("Before", change.old_decision), ("After", change.new_decision))
    return Otherwise(
        words.sentence(change),
        change.now if change.facts is not None else None,
        change.facts,
        tuple((side, decision) for side, decision in sides if decision is not None),
    )


def changed_lines(old: Publication, new: Publication) -> list[tuple[str, list[str]]]:
    """Each changed file with its lines, as `diff -u` shows them. Raises TextUnavailable."""
    before, after = texts_of(old), texts_of(new)
    found = []
    for name in sorted(before.keys() | after.keys()):
        texts = (before.get(name, "").splitlines(), after.get(name, "").splitlines())
        if lines := list(difflib.unified_diff(*texts, lineterm=""))[2 : MOST_LINES + 2]:
            found.append((name, lines))
    return found


def _words(edits: list[dict[str, Any]]) -> list[Words]:
    return [Words(policy, tuple(of)) for policy, of in groupby(edits, key=lambda edit: edit["policy"])]


def _otherwise(change: Mapping[str, Any]) -> Otherwise:
    return otherwise_of(Change(**change))
