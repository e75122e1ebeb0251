"""Emit the rules of a policy in order."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable

from engine.backends.python.tables import TableEmitter
from engine.expression import typed as t
from engine.policy.validated import TypedRule, ValidatedPolicy
from engine.python_ast import index, load, store


class RuleEmitter(TableEmitter):
    """Emit the rules in order. A condition used more than once is computed at its first use and cached in a local variable."""

    def __init__(self, validated: ValidatedPolicy, hit: str) -> None:
        super().__init__(validated.conditions, validated.policy.parameters, hit)
        self.validated = validated
        self.count = 0
        """The number of entries of the rules emitted so far."""
        self.shared = self.used_more_than_once(applied(validated))
        self.sure: set[str] = set()
        """Conditions that are certainly computed at this point."""
        self.unsure: set[str] = set()
        """Conditions that may or may not be computed when used, and so start as None."""

    def used_more_than_once(self, roots: Iterable[t.Typed]) -> frozenset[str]:
        trees = [*roots, *self.conditions.values()]
        uses = Counter(n.name for tree in trees for n in tree.walk() if isinstance(n, t.ConditionRef))
        return frozenset(name for name, count in uses.items() if count > 1)

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

    def all_rules(self) -> list[ast.stmt]:
        body: list[ast.stmt] = []
        for rule in self.validated.rules:
            body += self.rule(rule, self.count)
            self.count += self.validated.count_of(rule)
        return body

    def rule(self, rule: TypedRule, first: int) -> list[ast.stmt]:
        if rule.rule.for_each is not None:
            return self.table_rule(rule, first)
        taken = self.take(ast.Constant(first))
        return [ast.If(self.emit(rule.applies), taken, [])] if rule.applies is not None else taken

    def prologue(self) -> list[ast.stmt]:
        """Load facts into local names and initialize what starts empty. Call this after emitting the rules."""
        names = sorted(facts_used([*applied(self.validated), *self.conditions.values()]))
        lines: list[ast.stmt] = [ast.Assign([store(f"f_{n}")], index(load("facts"), n)) for n in names]
        lines += [ast.Assign([store(f"c_{n}")], ast.Constant(None)) for n in sorted(self.unsure)]
        if self.hit == "worst":
            lines.append(ast.Assign([store("hits")], ast.List([], ast.Load())))
        return lines


def applied(validated: ValidatedPolicy) -> list[t.Typed]:
    """The whole conditions of the rules."""
    return [r.applies for r in validated.rules if r.applies is not None]


def facts_used(trees: Iterable[t.Typed]) -> set[str]:
    return {n.name for tree in trees for n in tree.walk() if isinstance(n, t.FactRef)}
