"""Messages for people: text with `{name}` places for facts and parameters that the policy marks with `show: true`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from documents.diagnostics import Diagnostic, did_you_mean
from engine.expression.types import Type
from engine.expression.values import show_value
from engine.policy.model import Policy, Rule, Text, Value
from engine.policy.text_position import index_of

MAX_PROBLEMS = 20
_PLACE = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Place:
    """A quoted value: kind is fact, parameter or row."""

    kind: str
    name: str
    type: Type


Part = str | Place


def parse_message(
    text: Text | None, policy: Policy, rule: Rule | None
) -> tuple[tuple[Part, ...], list[Diagnostic]]:
    """The parts of a message, and a diagnostic for each place that may not be quoted."""
    if text is None:
        return (), []
    parts: list[Part] = []
    problems: list[Diagnostic] = []
    end = 0
    for match in _PLACE.finditer(text.text):
        parts.append(text.text[end : match.start()])
        end = match.end()
        found = _resolve(match[1], policy, rule)
        if isinstance(found, Place):
            parts.append(found)
        else:
            if len(problems) == MAX_PROBLEMS:
                break
            at = index_of(text.node, match.start())
            problems.append(text.node.source.diagnostic(at, *found, length=match.end() - match.start()))
    parts.append(text.text[end:])
    return tuple(p for p in parts if p != ""), problems


def _resolve(name: str | None, policy: Policy, rule: Rule | None) -> Place | tuple[str, str, str | None]:
    if not name:
        return (
            "message-brace",
            "a brace in a message quotes a value",
            "write `{name}`, or leave the brace out",
        )
    fact, parameter = policy.facts.get(name), policy.parameters.get(name)
    if fact and fact.private:
        return (
            "private-in-message",
            f"the fact `{name}` is private and cannot be quoted",
            "delete it from the message",
        )
    if fact and not fact.show and fact.type.kind != "error":
        return (
            "hidden-in-message",
            f"the fact `{name}` is not marked as safe to show",
            f"mark it: `{name}: {{type: …, show: true}}`",
        )
    if fact:
        return Place("fact", name, fact.type)
    if parameter and not parameter.show and parameter.type.kind != "error":
        return (
            "hidden-in-message",
            f"the parameter `{name}` is not marked as safe to show",
            "add `show: true` to it",
        )
    if parameter:
        return Place("parameter", name, parameter.type)
    column = _column(name, policy, rule)
    if column:
        return column
    known = [n for n, f in policy.facts.items() if not f.private] + list(policy.parameters)
    return "unknown-name", f"unknown name `{name[:40]}` in a message", did_you_mean(name, known)


def _column(name: str, policy: Policy, rule: Rule | None) -> Place | None:
    if rule is None or rule.for_each is None or not name.startswith(rule.for_each.variable + "."):
        return None
    parameter = policy.parameters.get(rule.for_each.parameter)
    column = name.partition(".")[2]
    found = [t for n, t in parameter.table.columns if n == column] if parameter and parameter.table else []
    return Place("row", column, found[0]) if found else None


def render(parts: tuple[Part, ...], value_of: Callable[[Place], Value]) -> str:
    return "".join(p if isinstance(p, str) else show_value(value_of(p), p.type) for p in parts)
