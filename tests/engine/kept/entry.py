"""An entry of the table of regression conditions. It is read from the table, or written in its format so that a failure can be
added."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from engine.compiled import CompiledPolicy
from engine.expression.quantity import format_duration, parse_timestamp
from tests.engine.generated.conditions import Condition

TABLE = Path(__file__).parent / "conditions.yaml"


@dataclass(frozen=True)
class Entry:
    """A condition, the facts and the time to evaluate it with, and its expected value."""

    name: str
    condition: Condition
    values: Mapping[str, Any]
    at: str
    holds: bool | None = None

    def asked_of(self, version: CompiledPolicy) -> tuple[dict[str, Any], int]:
        """The facts in the engine's representation, and the time in microseconds."""
        checked, errors = version.facts_check.check(self.values)
        now = parse_timestamp(self.at)
        assert errors == ()
        assert now is not None
        return checked, now

    def written(self) -> str:
        condition = self.condition
        fields = {
            "name": self.name,
            "facts": condition.facts,
            "parameters": condition.parameters,
            "conditions": condition.conditions,
            "condition": condition.text,
            "values": self.values,
            "at": self.at,
            "holds": self.holds,
        }
        lines = (f"{key}: {as_json(value)}" for key, value in fields.items() if value not in ({}, None))
        return "- " + "\n  ".join(lines)


def entries() -> list[Entry]:
    return [_entry(**written) for written in yaml.load(TABLE.read_text(encoding="utf-8"), yaml.CSafeLoader)]


def _entry(
    *,
    name: str,
    condition: str,
    holds: bool,
    at: str = "2026-03-01T12:00:00Z",
    facts: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    conditions: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Entry:
    asked = Condition(condition, dict(facts or {}), dict(parameters or {}), dict(conditions or {}))
    return Entry(name, asked, values or {}, at, holds)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_text).replace("1e+300", "1.0e+300")


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    assert isinstance(value, timedelta), value
    return format_duration(value // timedelta(microseconds=1))
