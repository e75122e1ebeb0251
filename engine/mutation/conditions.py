"""Mutants of named conditions, of the `when`, `unless` and `set` of rules, and of outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from engine.expression.parser import parse
from engine.expression.typed import Typed
from engine.expression.values import format_value
from engine.mutation.condition_changes import Change, changes
from engine.mutation.mutant import Mutant, change, clip, content_end, replacing
from engine.policy.model import Text
from engine.policy.text_position import index_of
from engine.policy.validated import TypedRule, ValidatedPolicy


def condition_mutants(validated: ValidatedPolicy) -> Iterator[Mutant]:
    for name, text in validated.policy.named.items():
        yield from _mutants(text, validated.conditions[name])
    for rule in validated.rules:
        yield from _rule(rule)
        yield from _sets(rule.rule.id, rule.rule.sets, rule.sets, validated)
    otherwise = validated.policy.otherwise
    yield from _sets(otherwise.id, otherwise.sets, validated.otherwise_sets, validated)
    for name, output in validated.policy.outputs.items():
        if output.value is not None:
            yield from _mutants(output.value, validated.outputs[name], output.type.members)


def _sets(
    id_: str, texts: Mapping[str, Text], typed: Mapping[str, Typed], validated: ValidatedPolicy
) -> Iterator[Mutant]:
    for name, text in texts.items():
        type_ = validated.policy.outputs[name].type
        yield from _mutants(text, typed[name], type_.members)
        if (other := _other_value(validated, name, text)) is not None:
            yield replacing(text.node, other, f"`{id_}` sets `{name}` to `{other}`")


def _other_value(validated: ValidatedPolicy, name: str, text: Text) -> str | None:
    """The output's usual alternative: null, or its default if that is a plain number or boolean."""
    output = validated.policy.outputs[name]
    written = "null" if output.default is None else format_value(output.default, output.type)
    kinds = ("bool", "int", "decimal", "double")
    plain = output.type.optional if output.default is None else output.type.kind in kinds
    return written if plain and written != text.text else None


def _rule(rule: TypedRule) -> Iterator[Mutant]:
    parts = (("when", rule.rule.when, rule.when, "true"), ("unless", rule.rule.unless, rule.unless, "false"))
    for key, text, typed, dropped in parts:
        if text is not None and typed is not None:
            yield from _mutants(text, typed)
            yield replacing(text.node, dropped, f"the `{key}` of `{rule.rule.id}` is dropped")


def _mutants(text: Text, typed: Typed, members: tuple[str, ...] = ()) -> Iterator[Mutant]:
    for mutation in changes(text.text, parse(text.text), typed, members):
        yield _mutant(text, mutation)


def _mutant(text: Text, mutation: Change) -> Mutant:
    """Rewrite the scalar in double quotes, so that the rest of a condition keeps its meaning in any YAML style."""
    before = text.text[mutation.start : mutation.end]
    value = text.text[: mutation.start] + mutation.after + text.text[mutation.end :]
    first = mutation.start + len(before) - len(before.lstrip())
    last = mutation.start + len(before.rstrip()) - 1
    start, end = index_of(text.node, first), index_of(text.node, last) + 1
    summary = change(before, mutation.after) if mutation.after else f"`{clip(before)}` is dropped"
    edit = (text.node.start, content_end(text.node), json.dumps(value, ensure_ascii=False))
    return Mutant(text.node.source, start, end, summary, edit)
