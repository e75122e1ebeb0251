"""An oracle's results for every named condition and every rule of a policy, row by row."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.backends import reference
from engine.expression import typed as t
from engine.expression.quantity import to_datetime
from engine.expression.types import Type
from engine.policy.model import Text
from engine.policy.validated import TypedRule, ValidatedPolicy
from tests.engine.oracles.cel_text import Rewriter
from tests.engine.oracles.engine_voices import Answers, rows
from tests.engine.oracles.oracle import Oracle, OutOfRange, Values, plain


class OracleVoice:
    """Skips what a known difference excludes; `left_out` has the differences, by the name of the condition or rule."""

    def __init__(self, oracle: Oracle, validated: ValidatedPolicy) -> None:
        self.oracle = oracle
        self.validated = validated
        self.left_out: dict[str, set[str]] = {}
        self.programs: dict[str, Callable[[Values], Any]] = {}
        policy = validated.policy
        self.optional = [fact.name for fact in policy.facts.values() if fact.type.optional]
        self.optional += [name for name in policy.values if validated.conditions[name].type.optional]
        written = policy.named
        for name, tree in validated.conditions.items():
            self._compile(name, self._rewritten(name, written[name], tree))
        for rule in validated.rules:
            if rule.applies is not None:
                self._compile(rule.rule.id, self._rule(rule))
        plains = [p for p in policy.parameters.values() if p.table is None]
        self.parameters = {p.name: self._bound(p.value, p.type) for p in plains}

    def _compile(self, name: str, text: str) -> None:
        if name not in self.left_out:
            self.programs[name] = _compiled(self.oracle, text)

    def _rule(self, rule: TypedRule) -> str:
        """`when && !unless`, either of which may be missing."""
        when = self._rewritten(rule.rule.id, rule.rule.when, rule.when)
        unless = self._rewritten(rule.rule.id, rule.rule.unless, rule.unless)
        return " && ".join(([when] if when else []) + ([f"!{unless}"] if unless else []))

    def _rewritten(self, name: str, text: Text | None, tree: t.Typed | None) -> str:
        if text is None or tree is None:
            return ""
        rewriter = Rewriter(self.oracle, text.text, self.optional)
        written = f"({rewriter.written(tree)})"
        named = {node.name for node in tree.walk() if isinstance(node, t.ConditionRef)}
        left_out = rewriter.left_out.union(*(self.left_out.get(n, ()) for n in named))
        if left_out:
            self.left_out[name] = self.left_out.get(name, set()) | left_out
        return written

    def __call__(self, facts: Mapping[str, Any], now: int) -> Answers:
        declared = self.validated.policy.facts.values()
        values = {fact.name: self._bound(facts[fact.name], fact.type) for fact in declared}
        values |= self.parameters | {"now": self.oracle.bind(to_datetime(now))}
        answers: Answers = {}
        env = reference.environment(self.validated, facts, now)
        try:
            for name, tree in self.validated.conditions.items():
                if name in self.validated.policy.values:
                    # the engine computes the values that conditions compare; the oracle does the comparisons
                    values[name] = self._bound(reference.evaluate(tree, env), tree.type)
                elif name in self.programs:
                    answers[name] = _answer(self.programs[name], values)
                    values[name] = self.oracle.bind(answers[name])
            answers |= dict(self._applying(values))
        except OutOfRange:
            return answers  # whatever follows may depend on it
        return answers

    def _applying(self, values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, rule, row in rows(self.validated):
            run = self.programs.get(rule.rule.id)
            if run is not None:
                yield name, _answer(run, values | self._rows(rule, row))

    def _rows(self, rule: TypedRule, variables: Mapping[str, Any]) -> dict[str, Any]:
        each = rule.rule.for_each
        if each is None:
            return {}
        type_ = self.validated.policy.parameters[each.parameter].type.item
        assert type_ is not None
        return {name: self._bound(row, type_) for name, row in variables.items()}

    def _bound(self, value: Any, type_: Type) -> Any:
        return self.oracle.bind(plain(value, type_))


def _compiled(oracle: Oracle, text: str) -> Callable[[Values], Any]:
    """A function that evaluates the text. If the oracle cannot parse it, the function returns the error."""
    try:
        return oracle.compile(text)
    except Exception as error:
        complaint = _complaint(error)
        return lambda values: complaint


def _answer(run: Callable[[Values], Any], values: Values) -> Any:
    """An error is an answer too, a wrong one, which the comparison then shows."""
    try:
        return run(values)
    except OutOfRange:
        raise
    except Exception as error:
        return _complaint(error)


def _complaint(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
