"""The engine's two evaluators: their results for every named condition and every rule, row by row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.backends import reference
from engine.backends.python.compiler import compile_policy
from engine.expression.types import BOOL
from engine.policy.model import Output
from engine.policy.validated import TypedRule, ValidatedPolicy

Answers = dict[str, Any]
"""By the name of a condition, or the position and id of a rule, since rows with the same key share an id."""
Voice = Callable[[Mapping[str, Any], int], Answers]
"""A function from checked facts and a time in microseconds to answers."""


def rows(validated: ValidatedPolicy) -> Iterator[tuple[str, TypedRule, dict[str, Any]]]:
    """Each rule once, or once per row: its name in the answers, and the row that it sees."""
    rule_rows = (
        (rule, *row) for rule in validated.rules for row in reference.rows_of(rule, validated.policy)
    )
    return ((f"{number} {id_}", rule, row) for number, (rule, id_, row) in enumerate(rule_rows))


def compiler_voice(validated: ValidatedPolicy) -> Voice:
    """Compile conditions as outputs, and rules with `hit: worst`, which finds all that apply."""
    named = validated.policy.conditions
    asked = {n: Output(n, BOOL, validated.policy.node, named[n]) for n in named}
    policy = replace(validated.policy, hit="worst", outputs=asked)
    compiled = compile_policy(
        replace(validated, policy=policy, outputs={n: validated.conditions[n] for n in named})
    )
    names = [f"{number} {entry.id}" for number, entry in enumerate(compiled.entries[:-1])]

    def answer(facts: Mapping[str, Any], now: int) -> Answers:
        matches = set(compiled.rules(dict(facts), now))
        outputs = compiled.outputs(dict(facts), now, 0) if compiled.outputs else ()
        rules = {name: number in matches for number, name in enumerate(names)}
        return dict(zip(named, outputs, strict=True)) | rules

    return answer


def reference_voice(validated: ValidatedPolicy) -> Voice:
    def answer(facts: Mapping[str, Any], now: int) -> Answers:
        env = reference.environment(validated, facts, now)
        conditions = {
            name: reference.evaluate(tree, env)
            for name, tree in validated.conditions.items()
            if name in validated.policy.conditions
        }
        rules = {
            name: rule.applies is None or reference.evaluate(rule.applies, replace(env, variables=row))
            for name, rule, row in rows(validated)
        }
        return conditions | rules

    return answer
