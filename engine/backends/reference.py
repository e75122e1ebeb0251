"""The reference semantics of the language: a small evaluator that walks the typed tree. The compiler is tested against it.

Values have the types of `facts/check.py`: text, numbers, booleans, None, integer microseconds, integer decimal units, lists, and
records as dictionaries.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress
from typing import Any, assert_never

from engine.backends.python import compiler
from engine.compiled import CompiledPolicy, Facts
from engine.decision import ON_ERROR
from engine.expression import typed as t
from engine.expression.functions import FUNCTIONS
from engine.policy.model import Policy, Table
from engine.policy.validated import TypedRule, ValidatedPolicy

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Environment:
    """Everything that a condition can read."""

    facts: Mapping[str, Any]
    now: int
    policy: Policy
    conditions: Mapping[str, t.Typed]
    variables: Mapping[str, Any]

    def binding(self, name: str, value: Any) -> Environment:
        return self.seeing({**self.variables, name: value})

    def seeing(self, variables: Mapping[str, Any]) -> Environment:
        """The same with other variables."""
        return Environment(self.facts, self.now, self.policy, self.conditions, variables)


def environment(validated: ValidatedPolicy, facts: Mapping[str, Any], now: int) -> Environment:
    return Environment(facts, now, validated.policy, validated.conditions, {})


def evaluate(node: t.Typed, env: Environment) -> Any:
    """Evaluate a typed expression. Total: it never raises for facts that passed the facts check."""
    match node:
        case t.Const(value=value):
            return value
        case t.FactRef(name=name):
            return env.facts[name]
        case t.ParameterRef(name=name):
            return env.policy.parameters[name].value
        case t.ConditionRef(name=name):
            return evaluate(env.conditions[name], env.seeing({}))
        case t.Now():
            return env.now
        case t.Variable(name=name):
            return env.variables[name]
        case t.Field(record=record, name=name):
            return evaluate(record, env)[name]
        case t.Row(table=name, keys=keys):
            return _row(env.policy.parameters[name].table, tuple(evaluate(key, env) for key in keys))
        case t.Not(operand=operand):
            return not evaluate(operand, env)
        case t.And(operands=operands):
            return all(evaluate(o, env) for o in operands)
        case t.Or(operands=operands):
            return any(evaluate(o, env) for o in operands)
        case t.IsNull(operand=operand):
            return evaluate(operand, env) is None
        case t.Compare(operator=sign, left=left, right=right):
            return _COMPARE[sign](evaluate(left, env), evaluate(right, env))
        case t.In(item=item, container=container):
            return evaluate(item, env) in evaluate(container, env)
        case t.ListOf(items=items):
            return [evaluate(i, env) for i in items]
        case t.Sum(operator=sign, left=left, right=right):
            one, other = evaluate(left, env), evaluate(right, env)
            return one + other if sign == "+" else one - other
        case t.Product(left=left, right=right):
            return evaluate(left, env) * evaluate(right, env)
        case t.IfElse(condition=condition, then=then, otherwise=otherwise):
            return evaluate(then if evaluate(condition, env) else otherwise, env)
        case t.Quantifier():
            return _quantify(node, env)
        case t.Apply(function=name, args=args):
            return FUNCTIONS[name].run(*(evaluate(a, env) for a in args))
        case _:
            assert_never(node)


def _row(table: Table | None, wanted: tuple[Any, ...]) -> dict[str, Any] | None:
    """The first row with this key."""
    assert table is not None
    return next((table.named(row) for row in table.rows if table.row_key(row) == wanted), None)


def _quantify(node: t.Quantifier, env: Environment) -> Any:
    items = evaluate(node.source, env)
    results = [evaluate(node.body, env.binding(node.variable, item)) for item in items]
    match node.kind:
        case "exists":
            return any(results)
        case "all":
            return all(results)
        case "exists_one":
            return sum(results) == 1
        case "filter":
            return list(compress(items, results))
        case "map":
            return results
        case _:
            assert_never(node.kind)


def rows_of(rule: TypedRule, policy: Policy) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of a rule: their ids and the rows they see. A rule without `for_each` is its own single entry."""
    each = rule.rule.for_each
    if each is None:
        yield rule.rule.id, {}
        return
    table = policy.parameters[each.parameter].table
    assert table is not None
    for row in table.rows:
        yield f"{rule.rule.id}[{table.row_name(row)}]", {each.variable: table.named(row)}


def applying(
    validated: ValidatedPolicy, facts: Mapping[str, Any], now: int
) -> list[tuple[str, TypedRule, Mapping[str, Any]]]:
    """Every entry that applies, in document order: its id, its rule and the row that it sees."""
    env = environment(validated, facts, now)
    matches: list[tuple[str, TypedRule, Mapping[str, Any]]] = []
    for rule in validated.rules:
        for id_, variables in rows_of(rule, validated.policy):
            if rule.applies is None or evaluate(rule.applies, env.seeing(variables)):
                matches.append((id_, rule, variables))
    return matches


def compile_policy(validated: ValidatedPolicy) -> CompiledPolicy:
    """The policy as a backend. Rules and outputs are evaluated here; facts are checked and decisions explained as by the default
    backend."""
    rows = [
        (rule.applies, variables, rule.sets)
        for rule in validated.rules
        for _, variables in rows_of(rule, validated.policy)
    ]
    rows.append((None, {}, validated.otherwise_sets))

    def rules(facts: Facts, now: int) -> Any:
        env = environment(validated, facts, now)
        matches = [
            position
            for position, (applies, variables, _) in enumerate(rows[:-1])
            if applies is None or evaluate(applies, env.seeing(variables))
        ]
        if validated.policy.finds_all:
            return matches
        return matches[0] if matches else len(rows) - 1

    def outputs(facts: Facts, now: int, chosen: int) -> tuple[Any, ...]:
        _, variables, sets = rows[chosen]
        return tuple(_outputs(validated, facts, now, sets, variables).values())

    compiled = compiler.compile_policy(validated)
    return compiled.deciding_by(rules, outputs if validated.policy.outputs else None)


def _outputs(
    validated: ValidatedPolicy,
    facts: Mapping[str, Any],
    now: int,
    sets: Mapping[str, t.Typed],
    variables: Mapping[str, Any],
) -> dict[str, Any]:
    """The value of each output: its own `value`, what the deciding rule sets, or its default."""
    env = environment(validated, facts, now)
    outputs: dict[str, Any] = {}
    for name, output in validated.policy.outputs.items():
        if name in validated.outputs:
            outputs[name] = evaluate(validated.outputs[name], env)
        elif name in sets:
            outputs[name] = evaluate(sets[name], env.seeing(variables))
        else:
            outputs[name] = output.default
    return outputs


def _answer(
    validated: ValidatedPolicy, facts: Mapping[str, Any], now: int, rule: TypedRule, row: Mapping[str, Any]
) -> tuple[Any, ...]:
    """The answer of a rule, which must be the same for all rules that apply with `hit: unique`."""
    return rule.rule.then, rule.rule.status, _outputs(validated, facts, now, rule.sets, row)


def decide(
    validated: ValidatedPolicy, facts: Mapping[str, Any], now: int
) -> tuple[str, str, tuple[str, ...], dict[str, Any]]:
    """Outcome, rule, matched rules and outputs, according to `hit`."""
    policy = validated.policy
    matches = applying(validated, facts, now)
    if not matches:
        outputs = _outputs(validated, facts, now, validated.otherwise_sets, {})
        return policy.otherwise.then, policy.otherwise.id, (), outputs
    if policy.hit == "first":
        matches = matches[:1]
    answers = [_answer(validated, facts, now, *f[1:]) for f in matches] if policy.hit == "unique" else []
    if any(answer != answers[0] for answer in answers):
        return policy.on_error, ON_ERROR, (), {}
    worst = max(policy.outcomes.index(rule.rule.then) for _, rule, _ in matches)
    id_, rule, variables = next(f for f in matches if policy.outcomes.index(f[1].rule.then) == worst)
    outputs = _outputs(validated, facts, now, rule.sets, variables)
    return rule.rule.then, id_, tuple(i for i, _, _ in matches), outputs
