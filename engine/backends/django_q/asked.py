"""What is asked of a policy about each row: whether it decides an outcome, or whether an output is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.diagnostics import Diagnostic, in_order
from engine.backends.backend import NotExpressible
from engine.backends.django_q.logic import Truth, all_of, any_of, opposite
from engine.backends.django_q.terms import Known, Reader, Unsupported, certainly
from engine.backends.django_q.translate import Translator, Variables
from engine.backends.reference import rows_of
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.policy.model import Policy, Text
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import TypedRule, ValidatedPolicy

CODE = "not-in-a-queryset"
HINT = "a list of the application follows this policy as a database query: say it with comparisons, or change the list"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the decision has this outcome."""

    name: str

    def on_error(self, policy: Policy) -> bool:
        return policy.on_error == self.name

    def is_known(self, policy: Policy) -> bool:
        return self.name in policy.outcomes

    def of_rule(self, rule: TypedRule, translator: Translator, row: Variables) -> Truth:
        return rule.rule.then == self.name

    def otherwise(self, translator: Translator) -> Truth:
        return translator.validated.policy.otherwise.then == self.name

    def __str__(self) -> str:
        return f"outcome `{self.name}`"


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether the decision permits: it has the most permissive outcome, on facts that fit."""

    def on_error(self, policy: Policy) -> bool:
        return False

    def is_known(self, policy: Policy) -> bool:
        return True

    def of_rule(self, rule: TypedRule, translator: Translator, row: Variables) -> Truth:
        return rule.rule.then == translator.validated.policy.outcomes[0]

    def otherwise(self, translator: Translator) -> Truth:
        policy = translator.validated.policy
        return policy.otherwise.then == policy.outcomes[0]

    def __str__(self) -> str:
        return "permission"


@dataclass(frozen=True, slots=True)
class Output:
    """Whether this output is true. Where facts do not fit there are no outputs, so that it is not."""

    name: str

    def on_error(self, policy: Policy) -> bool:
        return False

    def is_known(self, policy: Policy) -> bool:
        output = policy.outputs.get(self.name)
        return output is not None and output.type.kind == "bool"

    def of_rule(self, rule: TypedRule, translator: Translator, row: Variables) -> Truth:
        return self._set(rule.sets.get(self.name), translator, row)

    def otherwise(self, translator: Translator) -> Truth:
        return self._set(translator.validated.otherwise_sets.get(self.name), translator, {})

    def _set(self, node: t.Typed | None, translator: Translator, row: Variables) -> Truth:
        if node is None:
            return translator.validated.policy.outputs[self.name].default is True
        return translator.holds(node, row)

    def __str__(self) -> str:
        return f"bool output `{self.name}`"


Asked = Outcome | Permission | Output


def answered(asked: Asked, translator: Translator) -> Truth:
    """What is asked, about rows whose facts fit. Raises NotExpressible with every place."""
    validated = translator.validated
    if isinstance(asked, Output) and asked.name in validated.outputs:
        tree, text = validated.outputs[asked.name], validated.policy.outputs[asked.name].value
        try:
            return translator.holds(tree)
        except Unsupported as error:
            raise NotExpressible((problem_at(f"the {asked}", error, [(tree, text)], validated),)) from None
    parts: list[tuple[Truth, Truth]] = []
    problems: list[Diagnostic] = []
    for rule in _in_order_of_decision(validated):
        try:
            parts += _parts(asked, rule, translator)
        except Unsupported as error:
            written = [(rule.when, rule.rule.when), (rule.unless, rule.rule.unless)]
            written += [(tree, rule.rule.sets[name]) for name, tree in rule.sets.items()]
            problems.append(problem_at(f"the rule `{rule.rule.id}`", error, written, validated))
    if problems:
        raise NotExpressible(tuple(in_order(problems)))
    answer = asked.otherwise(translator)
    for applies, says in reversed(parts):
        others = answer if says is True else all_of([opposite(applies), answer])
        answer = any_of([all_of([applies, says]), others])
    return answer


def _in_order_of_decision(validated: ValidatedPolicy) -> list[TypedRule]:
    """So that the first rule that applies decides. With `hit: unique`, at most one applies."""
    policy = validated.policy
    if policy.hit != "worst":
        return list(validated.rules)
    return sorted(validated.rules, key=lambda rule: -policy.outcomes.index(rule.rule.then))


def _parts(asked: Asked, rule: TypedRule, translator: Translator) -> Iterator[tuple[Truth, Truth]]:
    """For each entry of a rule: whether it applies, and what it says."""
    for _, row in rows_of(rule, translator.validated.policy):
        variables = {name: _reads(value) for name, value in row.items()}
        when = translator.holds(rule.when, variables)
        unless = rule.unless is not None and translator.holds(rule.unless, variables)
        yield all_of([when, opposite(unless)]), asked.of_rule(rule, translator, variables)


def _reads(value: object) -> Reader:
    return lambda depth: certainly(Known(value))


def problem_at(
    what: str,
    error: Unsupported,
    written: list[tuple[t.Typed | None, Text | None]],
    validated: ValidatedPolicy,
) -> Diagnostic:
    """A diagnostic at the part that needs it, which may be in a named condition."""
    message = f"{what} needs {error}, which a list cannot ask of the database"
    named = validated.policy.named
    places = written + [(tree, named[name]) for name, tree in validated.conditions.items()]
    for tree, text in places:
        if tree is not None and text is not None and any(node is error.node for node in tree.walk()):
            span = error.node.span if isinstance(error.node, t.Node) else (0, 1)
            return to_diagnostic(text, ExpressionProblem(span, CODE, message, HINT))
    return validated.policy.node.diagnostic(CODE, message, HINT)
