"""What the two voices of the engine say of every named condition and every rule, row by row, of a policy for given facts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine import reference
from engine.compiler import compile_policy
from engine.validated import ValidatedPolicy

Answers = dict[str, Any]
"""By the name of a condition, or the id of a rule with the key of its row."""
Voice = Callable[[Mapping[str, Any], int], Answers]
"""Checked facts and a moment in microseconds to answers."""


def compiler_voice(validated: ValidatedPolicy) -> Voice:
    """Conditions as outputs, and rules with `hit: worst`, which finds all that apply."""
    policy = replace(validated.policy, hit="worst")
    compiled = compile_policy(replace(validated, policy=policy, outputs=validated.conditions))
    ids = [entry.id for entry in compiled.entries[:-1]]

    def answer(facts: Mapping[str, Any], now: int) -> Answers:
        found = set(compiled.rules(dict(facts), now))
        outputs = compiled.outputs(dict(facts), now) if compiled.outputs else ()
        return dict(zip(validated.conditions, outputs, strict=True)) | {
            id_: number in found for number, id_ in enumerate(ids)
        }

    return answer


def reference_voice(validated: ValidatedPolicy) -> Voice:
    def answer(facts: Mapping[str, Any], now: int) -> Answers:
        env = reference.environment(validated, facts, now)
        applied = {id_ for id_, _ in reference.applying(validated, facts, now)}
        return {name: reference.evaluate(tree, env) for name, tree in validated.conditions.items()} | {
            id_: id_ in applied
            for rule in validated.rules
            for id_, _ in reference.rows_of(rule, validated.policy)
        }

    return answer
