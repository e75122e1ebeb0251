"""The third verb: validated policy to compiled policy. A Python `ast` tree is built from the typed tree, never text."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.compiled import CompiledPolicy, Entry
from engine.emitter import Emitter, function, index, load, run, store
from engine.expression import typed as t
from engine.facts import FactsCheck
from engine.messages import Part, Place, render
from engine.model import Otherwise, Parameter, Rule
from engine.table_emitter import TableEmitter, take
from engine.validated import TypedRule, ValidatedPolicy


def compile_policy(validated: ValidatedPolicy) -> CompiledPolicy:
    """The policy as two Python functions: facts and now to the entries that apply, and facts and now to outputs."""
    policy = validated.policy
    emitter = RuleEmitter(validated)
    entries: list[Entry] = []
    body: list[ast.stmt] = []
    for rule in validated.rules:
        first = len(entries)
        entries += _entries(rule, policy.parameters)
        body += emitter.rule(rule, first, policy.hit)
    entries.append(_entry(policy.otherwise, None, policy.otherwise.id, validated.otherwise_message))
    last = ast.Constant(len(entries) - 1)
    body.append(ast.Return(load("hits") if policy.hit == "worst" else last))
    rules = function("rules", ["facts", "now"], emitter.prologue(policy.hit) + body)
    functions = [rules, *_outputs(validated, emitter)]
    namespace = run([*emitter.functions, *functions], emitter.constants)
    check = FactsCheck({name: fact.type for name, fact in policy.facts.items()})
    return CompiledPolicy(validated, check, namespace["rules"], tuple(entries), namespace.get("outputs"))


class RuleEmitter(TableEmitter):
    """Emits the rules in order. A condition that is used more than once is computed at its first use and remembered."""

    def __init__(self, validated: ValidatedPolicy) -> None:
        super().__init__(validated.conditions, validated.policy.parameters)
        self.validated = validated
        self.shared = _used_more_than_once(validated)
        self.sure: set[str] = set()
        """Conditions that have surely been computed at this point."""
        self.unsure: set[str] = set()
        """Conditions that are tested for having been computed, and so start as None."""

    def emit_in_turn(self, operands: Iterable[t.Typed]) -> list[ast.expr]:
        emitted = []
        for position, operand in enumerate(operands):
            self.branching += position > 0
            emitted.append(self.emit(operand))
            self.branching -= position > 0
        return emitted

    def condition(self, name: str) -> ast.expr:
        if name not in self.shared:
            return self.emit(self.conditions[name])
        local = f"c_{name}"
        if name in self.sure:
            return load(local)
        if not self.branching:
            computed = ast.NamedExpr(store(local), self.emit(self.conditions[name]))
            self.sure.add(name)
            return computed
        self.unsure.add(name)
        missing = ast.Compare(load(local), [ast.Is()], [ast.Constant(None)])
        return ast.IfExp(missing, ast.NamedExpr(store(local), self.emit(self.conditions[name])), load(local))

    def rule(self, rule: TypedRule, first: int, hit: str) -> list[ast.stmt]:
        if rule.rule.for_each is not None:
            return self.table_rule(rule, first, hit)
        taken = take(ast.Constant(first), hit)
        return [ast.If(self.emit(rule.applies), [taken], [])] if rule.applies is not None else [taken]

    def prologue(self, hit: str) -> list[ast.stmt]:
        """Facts into local names, and what must start empty. Asked for after the rules have been emitted."""
        names = sorted(_facts_used(self.validated))
        lines: list[ast.stmt] = [ast.Assign([store(f"f_{n}")], index(load("facts"), n)) for n in names]
        lines += [ast.Assign([store(f"c_{n}")], ast.Constant(None)) for n in sorted(self.unsure)]
        if hit == "worst":
            lines.append(ast.Assign([store("hits")], ast.List([], ast.Load())))
        return lines


def _roots(validated: ValidatedPolicy) -> list[t.Typed]:
    return [r.applies for r in validated.rules if r.applies is not None]


def _used_more_than_once(validated: ValidatedPolicy) -> frozenset[str]:
    trees = [*_roots(validated), *validated.conditions.values()]
    uses = Counter(n.name for tree in trees for n in tree.walk() if isinstance(n, t.ConditionRef))
    return frozenset(name for name, count in uses.items() if count > 1)


def _facts_used(validated: ValidatedPolicy) -> set[str]:
    trees = [*_roots(validated), *validated.conditions.values()]
    return {n.name for tree in trees for n in tree.walk() if isinstance(n, t.FactRef)}


def _outputs(validated: ValidatedPolicy, emitter: Emitter) -> list[ast.stmt]:
    if not validated.outputs:
        return []
    plain = Emitter(validated.conditions, validated.policy.parameters)
    plain.constants, plain.functions = emitter.constants, emitter.functions
    trees = [*validated.outputs.values(), *validated.conditions.values()]
    used = sorted({n.name for tree in trees for n in tree.walk() if isinstance(n, t.FactRef)})
    body: list[ast.stmt] = [ast.Assign([store(f"f_{n}")], index(load("facts"), n)) for n in used]
    values = [plain.emit(tree) for tree in validated.outputs.values()]
    body.append(ast.Return(ast.Tuple(values, ast.Load())))
    return [function("outputs", ["facts", "now"], body)]


def _entries(rule: TypedRule, parameters: Mapping[str, Parameter]) -> list[Entry]:
    each = rule.rule.for_each
    if each is None:
        return [_entry(rule.rule, rule.rule.source, rule.rule.id, rule.message)]
    table = parameters[each.parameter].table
    assert table is not None
    columns = [name for name, _ in table.columns]
    found = []
    for row in table.rows:
        cells = dict(zip(columns, row, strict=True))
        key = table.row_name(row)
        parts = tuple(_filled(part, lambda place, cells=cells: cells[place.name]) for part in rule.message)  # type: ignore[misc]
        found.append(_entry(rule.rule, rule.rule.source, f"{rule.rule.id}[{key}]", parts))
    return found


def _filled(part: Part, cell: Callable[[Place], Any]) -> Part:
    return render((part,), cell) if isinstance(part, Place) and part.kind == "row" else part


def _entry(rule: Rule | Otherwise, source: str | None, id_: str, message: tuple[Part, ...]) -> Entry:
    return Entry(id_, rule.id, rule.then, rule.obligations, message, source)
