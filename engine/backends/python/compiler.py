"""The third verb: validated policy to compiled policy. It builds a Python `ast` from the typed tree, and never source text."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from engine.backends.python.emitter import Emitter
from engine.backends.python.explanation import emit_explanation
from engine.backends.python.fused import fuse
from engine.backends.python.outputs import emit_outputs
from engine.backends.python.rules import RuleEmitter, facts_used
from engine.compiled import CompiledPolicy, Entry, Explanation, Outputs, Rules
from engine.facts.check import FactsCheck
from engine.policy.messages import Part, Place, render
from engine.policy.model import Otherwise, Rule, Table
from engine.policy.validated import TypedRule, ValidatedPolicy
from engine.python_ast import function, index, load, run, store


def compile_policy(validated: ValidatedPolicy) -> CompiledPolicy:
    """Compile the policy to two Python functions: one finds the entries that apply, the other computes the outputs."""
    policy = validated.policy
    entries = tuple(_all_entries(validated))
    rules = _compile_rules(validated, "worst" if policy.finds_all else "first")
    check = FactsCheck({name: fact.type for name, fact in policy.facts.items()})

    def compile_explanation() -> Explanation:
        applying = rules if policy.finds_all else _compile_rules(validated, "worst")
        return applying, emit_explanation(validated, tuple(entry.id for entry in entries))

    return CompiledPolicy(
        validated, check, rules, entries, _compile_outputs(validated), compile_explanation, fuse
    )


def _compile_rules(validated: ValidatedPolicy, hit: str) -> Rules:
    """A function from facts and `now` to the position of the deciding entry, or to the positions of all that apply."""
    emitter = RuleEmitter(validated, hit)
    body = emitter.all_rules()
    body.append(ast.Return(load("hits") if hit == "worst" else ast.Constant(emitter.count)))
    rules = function("rules", ["facts", "now"], emitter.prologue() + body)
    compiled: Rules = run([*emitter.functions, rules], emitter.constants)["rules"]
    return compiled


def _compile_outputs(validated: ValidatedPolicy) -> Outputs | None:
    """A function from facts, `now` and the position of the deciding entry to the value of each output."""
    if not validated.policy.outputs:
        return None
    plain = Emitter(validated.conditions, validated.policy.parameters)
    trees = [*validated.outputs.values(), *validated.set_values(), *validated.conditions.values()]
    body: list[ast.stmt] = [
        ast.Assign([store(f"f_{n}")], index(load("facts"), n)) for n in sorted(facts_used(trees))
    ]
    lines, values = emit_outputs(validated, plain)
    body += [*lines, ast.Return(ast.Tuple(list(values.values()), ast.Load()))]
    outputs = function("outputs", ["facts", "now", "chosen"], body)
    compiled: Outputs = run([*plain.functions, outputs], plain.constants)["outputs"]
    return compiled


def _all_entries(validated: ValidatedPolicy) -> Iterator[Entry]:
    for rule in validated.rules:
        yield from _entries(rule, validated.table_of(rule))
    otherwise = validated.policy.otherwise
    yield _entry(otherwise, otherwise.id, validated.otherwise_message)


def _entries(rule: TypedRule, table: Table | None) -> list[Entry]:
    if table is None:
        return [_entry(rule.rule, rule.rule.id, rule.message)]
    columns = [name for name, _ in table.columns]
    entries = []
    for row in table.rows:
        cells = dict(zip(columns, row, strict=True))
        key = table.row_name(row)
        parts = tuple(_filled(part, lambda place, cells=cells: cells[place.name]) for part in rule.message)  # type: ignore[misc]
        entries.append(_entry(rule.rule, f"{rule.rule.id}[{key}]", parts))
    return entries


def _filled(part: Part, cell: Callable[[Place], Any]) -> Part:
    return render((part,), cell) if isinstance(part, Place) and part.kind == "row" else part


def _entry(rule: Rule | Otherwise, id_: str, message: tuple[Part, ...]) -> Entry:
    return Entry(id_, rule.id, rule.then, rule.obligations, message, rule.status)
