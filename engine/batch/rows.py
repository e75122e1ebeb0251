"""Rows that the engine decides itself: those whose facts are not certainly valid, or whose version SQL cannot express."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from documents.strict_json import StrictJSONError, parse_json
from engine.bundle import Bundle, PolicyNotInForce
from engine.decision import FactError
from engine.expression.quantity import timestamp
from engine.expression.types import Type

_IN_JSON: Mapping[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "double": (int, float),
    "list": (),
    "record": (),
}
"""The types of values whose cells are JSON. In lists and records, the facts check looks at the types."""


@dataclass
class Rows:
    """`given` is the form of a row: `json`, `csv` or `parquet`."""

    bundle: Bundle
    policy: str
    given: str
    decided: int = 0
    refused: int = 0

    def decide(self, row: Any, now: str | None) -> dict[str, Any]:
        """The decision about a row at `now`, as the columns of the result. Never raises."""
        self.decided += 1
        try:
            facts = parse_json(row.encode()) if self.given == "json" else row
        except StrictJSONError as error:
            return self._refused(
                "invalid-json", FactError("facts", "invalid-json", f"the line is not JSON: {error}")
            )
        moment = None if now is None else timestamp(now)
        if moment is None:
            return self._refused(
                "bad-now", FactError("now", "bad-now", "`now` is not a moment from 1970 to 2200")
            )
        try:
            if self.given == "csv":
                facts = self._typed(facts, moment)
            decision = self.bundle.decide(self.policy, facts, now=moment, superset=True)
        except PolicyNotInForce as error:
            return self._refused(error.code, FactError("now", error.code, str(error)))
        shown = decision.to_dict()
        self.refused += bool(decision.errors)
        return {
            **{name: shown.get(name) for name in ("outcome", "rule", "reason", "message", "status")},
            **{name: shown[name] for name in ("obligations", "matched", "version")},
            **{name: json.dumps(shown[name], ensure_ascii=False) for name in ("outputs", "errors")},
        }

    def _refused(self, reason: str, error: FactError) -> dict[str, Any]:
        """A row without a decision: no version of the policy is known to answer for it."""
        self.refused += 1
        nothing = dict.fromkeys(("outcome", "rule", "message", "status", "version"))
        errors = json.dumps([error._asdict()], ensure_ascii=False)
        return {
            **nothing,
            "reason": reason,
            "obligations": [],
            "matched": [],
            "outputs": "{}",
            "errors": errors,
        }

    def _typed(self, cells: Mapping[str, str | None], now: Any) -> dict[str, Any]:
        """The cells of CSV as values of the types that the deciding version declares; what does not fit stays text."""
        version = self.bundle.choose(self.policy, cells, now).version
        declared = version.validated.policy.facts
        return {name: _typed(cells[name], fact.type) for name, fact in declared.items() if name in cells}


def _typed(cell: str | None, type_: Type) -> Any:
    """What the cell says as JSON if that is of this type, else its text."""
    if cell is None or type_.kind not in _IN_JSON:
        return cell
    try:
        value = parse_json(cell.encode())
    except StrictJSONError:
        return cell
    if type_.kind in ("list", "record"):
        return value
    if type(value) not in _IN_JSON[type_.kind] or cell != cell.strip():
        return cell
    return float(value) if type_.kind == "double" else value
