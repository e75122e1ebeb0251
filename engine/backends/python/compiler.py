"""The third verb: validated policy to compiled policy. It builds a Python `ast` from the typed tree, and never source text."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.backends.python.emitter import Emitter
from engine.backends.python.explanation import emit_explanation
from engine.backends.python.tables import TableEmitter, take
from engine.compiled import CompiledPolicy, Entry, Explanation, Outputs, Rules
from engine.expression import typed as t
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

    return CompiledPolicy(validated, check, rules, entries, _compile_outputs(validated), compile_explanation)


def _compile_rules(validated: ValidatedPolicy, hit: str) -> Rules:
    """A function from facts and `now` to the position of the deciding entry, or to the positions of all that apply."""
    emitter = RuleEmitter(validated)
    body: list[ast.stmt] = []
    first = 0
    for rule in validated.rules:
        body += emitter.rule(rule, first, hit)
        first += validated.count_of(rule)
    body.append(ast.Return(load("hits") if hit == "worst" else ast.Constant(first)))
    rules = function("rules", ["facts", "now"], emitter.prologue(hit) + body)
    compiled: Rules = run([*emitter.functions, rules], emitter.constants)["rules"]
    return compiled


class RuleEmitter(TableEmitter):
    """Emit the rules in order. A condition used more than once is computed at its first use and cached in a local variable."""

    def __init__(self, validated: ValidatedPolicy) -> None:
        super().__init__(validated.conditions, validated.policy.parameters)
        self.validated = validated
        self.shared = _used_more_than_once(validated)
        self.sure: set[str] = set()
        """Conditions that are certainly computed at this point."""
        self.unsure: set[str] = set()
        """Conditions that may or may not be computed when used, and so start as None."""

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
        """Load facts into local names and initialize what starts empty. Call this after emitting the rules."""
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


def _compile_outputs(validated: ValidatedPolicy) -> Outputs | None:
    """A function from facts, `now` and the position of the deciding entry to the value of each output."""
    declared = validated.policy.outputs
    if not declared:
        return None
    plain = Emitter(validated.conditions, validated.policy.parameters)
    trees = [*validated.outputs.values(), *validated.set_values(), *validated.conditions.values()]
    used = sorted({n.name for tree in trees for n in tree.walk() if isinstance(n, t.FactRef)})
    body: list[ast.stmt] = [ast.Assign([store(f"f_{n}")], index(load("facts"), n)) for n in used]
    values = {name: plain.emit(tree) for name, tree in validated.outputs.items()}
    for output in declared.values():
        if output.is_set:
            values[output.name] = load(f"s_{output.name}")
            default = plain.constant(f"d_{output.name}", output.default)
            body.append(ast.Assign([store(f"s_{output.name}")], default))
    if any(output.is_set for output in declared.values()):
        body += _by_position(_assignments(validated, plain))
    body.append(ast.Return(ast.Tuple([values[name] for name in declared], ast.Load())))
    outputs = function("outputs", ["facts", "now", "chosen"], body)
    compiled: Outputs = run([*plain.functions, outputs], plain.constants)["outputs"]
    return compiled


Assignments = tuple[int, list[ast.stmt]]
"""The position after a rule's last entry, and what the rule sets."""


def _assignments(validated: ValidatedPolicy, plain: Emitter) -> list[Assignments]:
    branches: list[Assignments] = []
    first = 0
    for rule in validated.rules:
        end = first + validated.count_of(rule)
        assigned = _assigned(rule.sets, plain, _row(rule, validated, first, plain)) if rule.sets else []
        if not assigned and branches and not branches[-1][1]:
            branches.pop()  # consecutive rules that set nothing share a branch
        branches.append((end, assigned))
        first = end
    return [*branches, (first + 1, _assigned(validated.otherwise_sets, plain, []))]


def _assigned(sets: Mapping[str, t.Typed], plain: Emitter, before: list[ast.stmt]) -> list[ast.stmt]:
    return [*before, *(ast.Assign([store(f"s_{name}")], plain.emit(tree)) for name, tree in sets.items())]


def _row(rule: TypedRule, validated: ValidatedPolicy, first: int, plain: Emitter) -> list[ast.stmt]:
    """`v_row = rows[chosen - first]` for a table rule."""
    each, table = rule.rule.for_each, validated.table_of(rule)
    if each is None or table is None:
        return []
    plain.columns[each.variable] = tuple(name for name, _ in table.columns)
    position = ast.BinOp(load("chosen"), ast.Sub(), ast.Constant(first)) if first else load("chosen")
    row = ast.Subscript(plain.constant(f"rows_{first}", table.rows), position, ast.Load())
    return [ast.Assign([store(f"v_{each.variable}")], row)]


def _by_position(branches: list[Assignments]) -> list[ast.stmt]:
    """Select the branch of the deciding entry by binary search, so that a thousand rules nest only ten deep."""
    if len(branches) == 1:
        return branches[0][1] or [ast.Pass()]
    middle = len(branches) // 2
    earlier = ast.Compare(load("chosen"), [ast.Lt()], [ast.Constant(branches[middle - 1][0])])
    return [ast.If(earlier, _by_position(branches[:middle]), _by_position(branches[middle:]))]


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
