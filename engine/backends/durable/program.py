"""Compile a policy for durable-rules 2.0.28, a third-party rules engine in C, as an independent check in tests.

durable-rules compares, adds, tests for null, combines conditions with and, or and not, and selects the rule. Our code writes the
facts, counts matching list items, and computes outputs and messages as the default compiler does. See docs/durable_rules.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from documents.diagnostics import Diagnostic, in_order
from engine.backends.backend import NotExpressible
from engine.backends.durable.conditions import Conditions
from engine.backends.durable.facts import Row, Rows, Writer
from engine.backends.durable.lists import Scope
from engine.backends.durable.questions import Question
from engine.backends.durable.ruleset import BATCH, Rule, Ruleset, write_rulesets
from engine.backends.durable.session import Sessions
from engine.backends.durable.terms import ALWAYS, ROOT, Level, Terms, Unfaithful
from engine.backends.python import compiler
from engine.backends.reference import rows_of
from engine.compiled import CompiledPolicy, Facts
from engine.expression.problem import ExpressionProblem
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import TypedRule, ValidatedPolicy

MAX_ALTERNATIVES = 4_000
"""The limit over all rules and questions of a policy; each alternative is a rule in a ruleset."""


def compile_policy(validated: ValidatedPolicy) -> CompiledPolicy:
    """Compile a policy to decide with durable-rules. Raises NotExpressible."""
    compiled = compiler.compile_policy(validated)
    conditions = Conditions(validated)
    rules: list[Rule] = []
    problems: list[Diagnostic] = []
    position = 0
    for rule in validated.rules:
        rows = list(rows_of(rule, validated.policy))
        try:
            for offset, (_, variables) in enumerate(rows):
                rules += _rules(position + offset, _terms(rule, conditions, variables))
        except Unfaithful as error:
            problems.append(_at_its_place(rule, validated, error))
        position += len(rows)
    if problems:
        raise NotExpressible(in_order(problems))
    try:
        program = Program(conditions.questions.asked, rules, validated)
    except Unfaithful as error:
        policy = validated.policy
        problem = _problem(f"the policy `{policy.name}`", error)
        raise NotExpressible((policy.node.diagnostic(problem.code, problem.message, problem.hint),)) from None
    return compiled.deciding_by(program.applying, compiled.outputs)


def _terms(rule: TypedRule, conditions: Conditions, variables: dict[str, Any]) -> Terms:
    if rule.applies is None:
        return ALWAYS
    each = rule.rule.for_each
    return conditions.holds(rule.applies, Scope(ROOT, variables if each is not None else {}))


def _rules(name: int, terms: Terms) -> Iterator[Rule]:
    return (Rule(name, term) for term in terms)


def _at_its_place(rule: TypedRule, validated: ValidatedPolicy, error: Unfaithful) -> Diagnostic:
    """A diagnostic at the part of the condition that durable-rules cannot express, or at the rule if no single part is the
    cause."""
    problem = _problem(f"the rule `{rule.rule.id}`", error)
    written = [(rule.when, rule.rule.when), (rule.unless, rule.rule.unless)]
    named = validated.policy.named
    written += [(tree, named[name]) for name, tree in validated.conditions.items()]
    for tree, text in written:
        if tree is not None and text is not None and any(node is error.node for node in tree.walk()):
            return to_diagnostic(text, problem)
    return rule.rule.id_node.diagnostic(problem.code, problem.message, problem.hint)


def _problem(what: str, error: Unfaithful) -> ExpressionProblem:
    message = f"{what} needs {error}, which durable-rules cannot be told"
    hint = "this is asked of policies only where COMITY_ENGINE is `durable`"
    return ExpressionProblem(error.node.span if error.node else (0, 1), "not-in-durable-rules", message, hint)


class Program:
    """The rulesets of one policy: those of its questions, by stage, and those of its rules."""

    def __init__(self, asked: list[Question], rules: list[Rule], validated: ValidatedPolicy) -> None:
        policy = validated.policy
        alternatives = len(rules) + sum(len(q.terms) for q in asked)
        if alternatives > MAX_ALTERNATIVES:
            raise Unfaithful(f"{alternatives} alternatives, of which at most {MAX_ALTERNATIVES} are allowed")
        in_stages = sorted(asked, key=lambda q: (q.stage, q.level.depth, str(q.level)))
        self.stages = [
            Stage(level, list(questions))
            for (_, level), questions in groupby(in_stages, key=lambda q: (q.stage, q.level))
        ]
        self.rules = [Asked(ruleset, ROOT) for ruleset in write_rulesets(rules)]
        self.first = not policy.finds_all
        self.otherwise = sum(1 for rule in validated.rules for _ in rows_of(rule, policy))

    def applying(self, facts: Facts, now: int) -> Any:
        """The entries that apply, in the format that compiled rules return: the first one, or all in order."""
        rows = Rows(facts, now)
        for stage in self.stages:
            stage.answer(rows)
        root = rows.at(ROOT)
        if not self.first:
            return list(dict.fromkeys(n for asked in self.rules for n, _ in asked.matches(root, now)))
        for asked in self.rules:
            if (first := asked.first(root, now)) is not None:
                return first
        return self.otherwise


class Stage:
    """Questions about the same facts that do not depend on each other's answers."""

    def __init__(self, level: Level, questions: list[Question]) -> None:
        self.level = level
        self.numbers = [q.number for q in questions]
        rules = (Rule(q.number, term) for q in questions for term in q.terms)
        self.asked = [Asked(ruleset, level) for ruleset in write_rulesets(rules)]

    def answer(self, rows: Rows) -> None:
        about = rows.at(self.level)
        for row in about:
            row.answers.update(dict.fromkeys(self.numbers, False))
        for row in rows.at(self.level.parent) if self.level.parent else ():
            row.answers.update(dict.fromkeys(self.numbers, 0))
        matches = (match for asked in self.asked for match in asked.matches(about, rows.now))
        for number, row in dict.fromkeys(matches):
            row.answers[number] = True
            if row.around is not None:
                row.around.answers[number] += 1


class Asked:
    """A ruleset, and the writer of its facts."""

    def __init__(self, ruleset: Ruleset, level: Level) -> None:
        self.sessions = Sessions(ruleset)
        self.writer = Writer(ruleset.names, level)

    def first(self, rows: list[Row], now: int) -> int | None:
        [(answer, _)] = self.sessions.ask(self.writer.write(rows, now), only_first=True)
        return answer

    def matches(self, rows: list[Row], now: int) -> Iterable[tuple[int, Row]]:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            for answer, position in self.sessions.ask(self.writer.write(batch, now)):
                if answer is not None:
                    yield answer, batch[position]
