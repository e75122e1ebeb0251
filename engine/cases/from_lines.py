"""Cases from lines of JSON, each with facts, the outcome that is right for them, and the rule that would be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from engine.cases.values import in_yaml
from engine.decision import Decision
from engine.expression.quantity import parse_timestamp, to_datetime

KEYS: Final = ("name", "policy", "at", "facts", "expect")


class BadLine(ValueError):
    """The message says which line, and why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Equal facts, from `lines` lines. `others` lines want another outcome, which no case can."""

    name: str
    at: str
    facts: dict[str, Any]
    outcome: str
    rule: str
    lines: int
    others: int


def read_wanted(lines: Iterable[str], *, outcomes: Sequence[str], policy: str) -> list[Wanted]:
    """Equal facts become one case, with the outcome that most lines want, or the most restrictive of several. Raises BadLine."""
    votes: dict[str, Counter[tuple[str, str]]] = {}
    first: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            given = _read(line, number, outcomes, policy)
            key = json.dumps([given["at"], given["facts"]], sort_keys=True)
            first.setdefault(key, given)
            votes.setdefault(key, Counter())[given["expect"]["outcome"], given["expect"]["rule"]] += 1
    return [_wanted(first[key], counted, outcomes) for key, counted in votes.items()]


def policy_in(line: str) -> str:
    """The policy that the first line names. Raises BadLine."""
    return str(_object(line, 1)["policy"])


def _read(line: str, number: int, outcomes: Sequence[str], policy: str) -> dict[str, Any]:
    given = _object(line, number)
    if given["policy"] != policy:
        raise BadLine(f"line {number} is for another policy than the first")
    outcome, rule = given["expect"].get("outcome"), given["expect"].get("rule")
    if outcome not in outcomes:
        raise BadLine(f"line {number}: `{outcome}` is no outcome of `{policy}`")
    if not isinstance(rule, str):
        raise BadLine(f"line {number}: `expect` names no `rule`")
    return given


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        given = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadLine(f"line {number} is not JSON") from None
    if not isinstance(given, dict) or any(key not in given for key in KEYS):
        raise BadLine(f"line {number} is not an object with {', '.join(f'`{key}`' for key in KEYS)}")
    if not isinstance(given["facts"], dict) or not isinstance(given["expect"], dict):
        raise BadLine(f"line {number}: `facts` and `expect` are objects")
    if not all(isinstance(given[key], str) for key in ("name", "policy", "at")):
        raise BadLine(f"line {number}: `name`, `policy` and `at` are strings")
    if parse_timestamp(given["at"]) is None:
        raise BadLine(f"line {number}: `at` is no moment with its offset, such as 2026-03-01T12:00:00Z")
    return given


def _refuse(constant: str) -> float:
    raise ValueError(constant)  # NaN and Infinity, which are no JSON


def _wanted(given: dict[str, Any], votes: Counter[tuple[str, str]], outcomes: Sequence[str]) -> Wanted:
    (outcome, rule), lines = max(votes.items(), key=lambda vote: (vote[1], outcomes.index(vote[0][0])))
    others = sum(count for (other, _), count in votes.items() if other != outcome)
    name = given["name"] if votes.total() == 1 else f"{given['name']} and {votes.total() - 1} alike"
    return Wanted(name, given["at"], given["facts"], outcome, rule, lines, others)


def with_rules(
    wanted: Iterable[Wanted], decide: Callable[[dict[str, Any], datetime], Decision]
) -> list[Wanted]:
    """Where the policy decides as is right, the case expects its rule: several may be right. Raises BadLine."""
    return [_with_rule(each, decide(each.facts, _moment(each.at))) for each in wanted]


def _with_rule(wanted: Wanted, decision: Decision) -> Wanted:
    if decision.errors:
        raise BadLine(f"the facts of `{wanted.name}` do not fit: {decision.errors[0].message}")
    return replace(wanted, rule=decision.rule) if decision.outcome == wanted.outcome else wanted


def _moment(at: str) -> datetime:
    micros = parse_timestamp(at)
    assert micros is not None
    return to_datetime(micros)


def as_case_file(policy: str, wanted: Sequence[Wanted], comment: str) -> str:
    at = wanted[0].at
    lines = [f"# {comment}", f"policy: {policy}", f"at: {at}", "cases:"]
    for each in wanted:
        lines.append(f"  - name: {in_yaml(each.name)}")
        if each.at != at:
            lines.append(f"    at: {each.at}")
        lines.append(f"    facts: {in_yaml(each.facts)}")
        lines.append(f"    expect: {in_yaml({'outcome': each.outcome, 'rule': each.rule})}")
    return "\n".join(lines) + "\n"
