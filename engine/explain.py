"""Why, and why not: the rules and named conditions of one decision, with what each came to and the values that did it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.compiled import CompiledPolicy, to_python
from engine.decision import Decision, to_json
from engine.expression import typed as t
from engine.expression.types import Type
from engine.model import Text
from engine.reference import Environment, environment, evaluate, rows_of
from engine.validated import TypedRule, ValidatedPolicy

MAX_ROWS_SHOWN = 20
"""Rows of a table rule that did not apply are shown up to this number."""


def explain(
    version: CompiledPolicy, facts: Mapping[str, Any] | None, now: int, decision: Decision
) -> dict[str, Any]:
    """The explanation as data: rules in their order with `applies` and `stopped_by`, conditions with `holds`, values.

    `facts` are checked facts, or None where they did not fit: then the errors of the decision are all there is to say.
    """
    if facts is None:
        return {"errors": [error._asdict() for error in decision.errors], "rules": [], "conditions": []}
    validated = version.validated
    env = environment(validated, facts, now)
    return {
        "rules": _rules(validated, env, decision),
        "conditions": [_condition(name, tree, validated, env) for name, tree in validated.conditions.items()],
    }


def _rules(validated: ValidatedPolicy, env: Environment, decision: Decision) -> list[dict[str, Any]]:
    """Every rule; with `hit: first` those after the deciding one are told as not reached."""
    shown: list[dict[str, Any]] = []
    reached = True
    for rule in validated.rules:
        failed = 0
        for id_, variables in rows_of(rule, validated.policy):
            row_env = replace(env, variables=variables)
            applies = rule.applies is None or bool(evaluate(rule.applies, row_env))
            failed += not applies
            if applies or failed <= MAX_ROWS_SHOWN:
                shown.append(_rule(rule, id_, applies, reached, row_env))
            if applies and validated.policy.hit == "first":
                reached = False
    otherwise = validated.policy.otherwise
    decides = decision.rule == otherwise.id
    shown.append(
        {
            "id": otherwise.id,
            "outcome": otherwise.then,
            "applies": decides,
            "decides": decides,
            "reached": decides,
        }
    )
    for entry in shown:
        entry["decides"] = entry["id"] == decision.rule
    return shown


def _rule(rule: TypedRule, id_: str, applies: bool, reached: bool, env: Environment) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": id_,
        "outcome": rule.rule.then,
        "applies": applies,
        "decides": False,
        "reached": reached,
    }
    if rule.rule.source:
        entry["source"] = rule.rule.source
    if not applies:
        entry["stopped_by"] = _stopped_by(rule, env)
    return entry


def _stopped_by(rule: TypedRule, env: Environment) -> dict[str, Any]:
    """The first part of a rule's condition that stopped it, in the owner's words, with the values that did."""
    for tree, text, wanted in ((rule.when, rule.rule.when, True), (rule.unless, rule.rule.unless, False)):
        if tree is not None and text is not None and bool(evaluate(tree, env)) is not wanted:
            return {"key": "when" if wanted else "unless", **_blame(tree, text, wanted, env)}
    raise AssertionError("a rule that did not apply was stopped by something")


def _blame(tree: t.Typed, text: Text, wanted: bool, env: Environment) -> dict[str, Any]:
    """The first part that stopped it; where that is a named condition, `because` goes on inside of it."""
    culprit, holds = _culprit(tree, wanted, env)
    told = {"text": _words(text, culprit), "holds": holds, "values": _values(culprit, env)}
    if isinstance(culprit, t.ConditionRef):
        inner, its_text = env.conditions[culprit.name], env.policy.conditions[culprit.name]
        told["because"] = _blame(inner, its_text, not holds, replace(env, variables={}))
    return told


def _culprit(tree: t.Typed, wanted: bool, env: Environment) -> tuple[t.Typed, bool]:
    """Descend to the first part that made `tree` come out other than wanted; also what that part came to."""
    match tree:
        case t.Not(operand=operand) if not isinstance(operand, t.IsNull):
            return _culprit(operand, not wanted, env)
        case t.And(operands=operands) if wanted:
            return _culprit(next(o for o in operands if not evaluate(o, env)), True, env)
        case t.Or(operands=operands) if not wanted:
            return _culprit(next(o for o in operands if evaluate(o, env)), False, env)
    return tree, not wanted


def _words(text: Text, part: t.Typed) -> str:
    return " ".join(text.text[part.span[0] : part.span[1]].split())


def _condition(name: str, tree: t.Typed, validated: ValidatedPolicy, env: Environment) -> dict[str, Any]:
    text = " ".join(validated.policy.conditions[name].text.split())
    return {"name": name, "holds": bool(evaluate(tree, env)), "text": text, "values": _values(tree, env)}


def _values(tree: t.Typed, env: Environment) -> dict[str, Any]:
    """The facts, parameters, row cells and named conditions that a part reads, with their values; private facts are hidden."""
    found: dict[str, Any] = {}
    for node in tree.walk():
        for name, value in _reading(node, env):
            found.setdefault(name, value)
    return found


def _reading(node: t.Typed, env: Environment) -> Iterator[tuple[str, Any]]:
    match node:
        case t.FactRef(name=name):
            private = env.policy.facts[name].private
            yield name, "(private)" if private else show(env.facts[name], env.policy.facts[name].type)
        case t.ParameterRef(name=name):
            yield name, show(env.policy.parameters[name].value, node.type)
        case t.ConditionRef(name=name):
            yield name, bool(evaluate(node, env))
        case t.Field(record=t.Variable(name=row), name=name) if row in env.variables:
            yield f"{row}.{name}", show(env.variables[row][name], node.type)
        case t.Now():
            yield "now", show(env.now, node.type)


def show(value: Any, type_: Type) -> Any:
    """A value of the engine as JSON shows it."""
    if type_.kind == "list" and type_.item is not None and value is not None:
        return [show(v, type_.item) for v in value]
    if type_.kind == "record" and value is not None:
        return {name: show(value[name], t_) for name, t_ in type_.fields}
    return to_json(to_python(value, type_.kind))
