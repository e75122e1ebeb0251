"""An explanation prepared for a page: why each rule applied or not, in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from documents.plurals import counted
from engine.compiled import CompiledPolicy
from engine.explain.sentences import Sentence, part_sentence
from engine.policy.validated import ValidatedPolicy

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Reason:
    """`why` is the part of the condition that stopped the rule; `values` are what it read."""

    rule: str
    outcome: str
    applies: bool
    decides: bool
    why: Sentence | None
    values: str


@dataclass(frozen=True, slots=True)
class Reasons:
    conditions: tuple[tuple[str, bool], ...]
    rules: tuple[Reason, ...]


def reasons_of(explanation: Mapping[str, Any] | None, version: CompiledPolicy | None) -> Reasons:
    """Of the rules up to the deciding one; those after it were not asked."""
    if explanation is None or version is None:
        return Reasons((), ())
    conditions = tuple((each["name"], each["holds"]) for each in explanation.get("conditions", []))
    rules = [each for each in explanation.get("rules", []) if each["reached"]]
    return Reasons(conditions, tuple(_reason(each, version.validated) for each in rules))


def _reason(entry: Mapping[str, Any], validated: ValidatedPolicy) -> Reason:
    stopped = entry.get("stopped_by", {})
    read = {
        name: value for name, value in stopped.get("values", {}).items() if not _is_shown_elsewhere(value)
    }
    values = ", ".join(f"{name.replace('_', ' ')} is {said(value)}" for name, value in read.items())
    why = None
    if stopped:
        rule = next(r for r in validated.rules if r.rule.id == entry["id"].partition("[")[0])
        why = part_sentence(validated, rule, stopped["text"], stopped["holds"])
    return Reason(entry["id"], entry["outcome"], entry["applies"], entry["decides"], why, values)


def _is_shown_elsewhere(value: object) -> bool:
    """Conditions are told by themselves, and lists of records among the facts."""
    return isinstance(value, bool) or (isinstance(value, list) and any(isinstance(v, dict) for v in value))


def tone(outcome: str, outcomes: tuple[str, ...]) -> str:
    """The class of an outcome: `allow` for the most permissive one, `block` for the most restrictive, `flag` between."""
    if outcome == outcomes[0]:
        return "allow"
    return "block" if outcome == outcomes[-1] else "flag"


def said(value: object) -> str:
    """A value of an explanation or of recorded facts, for people."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return (
            counted(len(value), "item")
            if value and isinstance(value[0], dict)
            else ", ".join(map(said, value)) or "no items"
        )
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {said(part)}" for name, part in value.items())
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return value.replace("T", " ").replace(":00Z", "Z").replace("Z", " UTC")
    return str(value)
