"""Decides about many texts with this installation's detectors and policy, without recording anything."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, TextIO

from decisions import Subject, decide
from detectors.pipeline import Pipeline
from marketplace.moderation.facts import Mode, moderation_facts
from marketplace.moderation.services import PASSING, POLICY

Format = Literal["jsonl", "csv"]
LONGEST_FIELD = 1_000_000


class BadLine(ValueError):
    """A line of the input has no text; the message says which line and why."""


def texts_of(lines: TextIO, format_: Format) -> Iterator[str]:
    """The texts in order, one at a time."""
    return _from_csv(lines) if format_ == "csv" else _from_json(lines)


def _from_json(lines: TextIO) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise BadLine(f"line {number} is not JSON") from None
        text = row.get("text") if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise BadLine(f'line {number} is not an object with a string "text"')
        yield text


def _from_csv(lines: TextIO) -> Iterator[str]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.DictReader(lines)
    if "text" not in (reader.fieldnames or ()):
        raise BadLine("the first line has no column `text`")
    try:
        for row in reader:
            if row["text"] is None:
                raise BadLine(f"line {reader.line_num} has no `text`")
            yield row["text"]
    except csv.Error as error:
        raise BadLine(f"line {reader.line_num}: {error}") from error


def judged(
    texts: Iterable[str], pipeline: Pipeline, *, mode: Mode, now: datetime, explain: bool = False
) -> Iterator[dict[str, Any]]:
    """One result per text. Each counts as the first message of an author without earlier insults."""
    subject = Subject(kind="judge", id=None, actor_id=None)
    for text in texts:
        findings = pipeline.examine(text)
        facts = moderation_facts(mode=mode, findings=findings, insults=())
        decision = decide(
            POLICY, facts, now=now, subject=subject, record=False, superset=True, explain=explain
        )
        answer: dict[str, Any] = {
            "outcome": decision.outcome,
            "held": decision.outcome in PASSING and "hold" in decision.obligations,
            "rule": decision.rule,
            "obligations": list(decision.obligations),
            "signals": [
                {
                    "category": signal.category,
                    "score": signal.score,
                    "start": signal.start,
                    "end": signal.end,
                    "detector": signal.detector,
                    "rule": signal.rule,
                    "reported": signal.reported,
                    "quoted": signal.quoted,
                }
                for signal in findings.signals
            ],
        }
        yield {**answer, "explanation": decision.explanation} if explain else answer
