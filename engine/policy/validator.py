"""The second verb: policy to validated policy. Conditions are parsed and typed, and the policy is shown to fail closed."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import replace
from typing import assert_never

from documents.diagnostics import Diagnostic, did_you_mean, has_errors, in_order
from documents.nodes import MAX_PROBLEMS, Mapping, Node, Scalar
from engine.expression import typed as t
from engine.expression.checker import check, sums_in
from engine.expression.order import in_dependency_order
from engine.expression.parser import parse
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import NamedCondition, Scope, consequences
from engine.expression.size import Size, size_of
from engine.expression.syntax import Syntax
from engine.expression.types import BOOL, ERROR, SCALARS, Type
from engine.policy.messages import columns_read, parse_message
from engine.policy.model import Otherwise, Output, Policy, Rule, Text
from engine.policy.text_position import to_diagnostic
from engine.policy.type_reader import scalar_value
from engine.policy.validated import TypedRule, ValidatedPolicy

MAX_TEXT = 60_000


def validate(policy: Policy) -> tuple[ValidatedPolicy | None, tuple[Diagnostic, ...]]:
    """The policy with typed conditions, or None where there is an error; and every problem found."""
    validator = _Validator(policy)
    validated = validator.run()
    found = in_order(validator.problems)
    return (None if has_errors(found) else validated), found


class _Validator:
    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.problems: list[Diagnostic] = []
        self.named: dict[str, NamedCondition] = dict.fromkeys(policy.conditions, NamedCondition())
        self.named |= dict.fromkeys(policy.values, NamedCondition(type=ERROR))
        self.read = 0
        self.sizes: dict[str, Size] = {}
        self.facts = dict.fromkeys(policy.unread, ERROR) | {n: fact.type for n, fact in policy.facts.items()}
        self.broken: set[str] = set()
        """Conditions with a problem: what they say of null is not known, so nothing that builds on it is told."""
        self.parameters = {name: p.type for name, p in policy.parameters.items()}

    def run(self) -> ValidatedPolicy:
        self._check_names()
        self._check_fails_closed()
        conditions = self._conditions()
        rules = tuple(self._rule(rule) for rule in self.policy.rules)
        otherwise, problems = parse_message(self.policy.otherwise.message, self.policy, None)
        self.problems += problems
        outputs = {
            o.name: self._output(o, o.value) for o in self.policy.outputs.values() if o.value is not None
        }
        self._check_always_set()
        otherwise_sets = self._sets(self.policy.otherwise, self._scope())
        self._check_typed(outputs, [*(rule.sets for rule in rules), otherwise_sets])
        return ValidatedPolicy(self.policy, conditions, rules, otherwise, outputs, otherwise_sets)

    def report(self, node: Node, code: str, message: str, hint: str | None) -> None:
        self.problems.append(node.diagnostic(code, message, hint))

    def _check_names(self) -> None:
        """Facts, parameters, values and conditions share one name space."""
        policy = self.policy
        seen: dict[str, str] = {}
        for section in ("facts", "parameters", "values", "conditions"):
            for name in getattr(policy, section):
                if name in seen:
                    message = f"`{name}` is already a {seen[name]}"
                    self.report(self._key(section, name), "name-taken", message, "choose another name")
                seen.setdefault(name, section.removesuffix("s"))

    def _key(self, section: str, name: str) -> Node:
        """Where a name is declared."""
        return self._key_in(self.policy.node, section, name)

    def _key_in(self, node: Node, section: str, name: str) -> Node:
        declared = node.get(section) if isinstance(node, Mapping) else None
        entries = declared.entries if isinstance(declared, Mapping) else []
        return next((key for key, _ in entries if key.text == name), node)

    def _check_fails_closed(self) -> None:
        """INVARIANT: the most permissive outcome is never given without a condition, by error, or by having forgotten a rule."""
        policy = self.policy
        permissive = policy.outcomes[0] if len(policy.outcomes) > 1 else None
        otherwise = policy.otherwise
        if (
            permissive
            and policy.on_error == otherwise.then == permissive
            and otherwise.permit_because is None
        ):
            node = policy.node.get("outcomes") if isinstance(policy.node, Mapping) else None
            message = f"`{permissive}` stands first, as the most permissive outcome, yet `on_error` and `otherwise` give it"
            turned = ", ".join(reversed(policy.outcomes))
            hint = f"if the list is the wrong way round, write `[{turned}]`: the most permissive comes first"
            self.report(node or policy.node, "fails-open", message, hint)
            return
        if policy.on_error == permissive:
            node = policy.node.get("on_error") if isinstance(policy.node, Mapping) else None
            hint = (
                f"`outcomes` go from the most permissive to the most restrictive, and `{permissive}` is the first; "
                f"facts that do not fit give a later one"
            )
            self.report(node or policy.node, "fails-open", "`on_error` is the most permissive outcome", hint)
        if otherwise.then == permissive and otherwise.permit_because is None:
            hint = "give a more restrictive outcome, or say why in `permit_because`"
            self.report(otherwise.then_node, "fails-open", "`otherwise` is the most permissive outcome", hint)

    def _scope(self, variables: Map[str, Type] | None = None) -> Scope:
        return Scope(self.facts, self.parameters, self.named, variables or {})

    def _conditions(self) -> dict[str, t.Typed]:
        written = self.policy.named
        parsed = {name: self._parse(text) for name, text in written.items()}
        order, loops = in_dependency_order({name: tree for name, tree in parsed.items() if tree is not None})
        for name in loops:
            kind = "condition" if name in self.policy.conditions else "value"
            message = f"the {kind} `{name}` leads back to itself"
            hint = f"`{name}` is read within itself, or by what it reads: name something else there"
            self.report(written[name].node, "condition-loop", message, hint)
        self.broken |= {n for n in parsed if n not in order}
        typed: dict[str, t.Typed] = {}
        for name in order:
            text, before = written[name], len(self.problems)
            is_value = name not in self.policy.conditions
            typed[name] = self._checked(text, parsed[name], self._scope(), None if is_value else BOOL)
            self.sizes[name] = self._bounded(text, typed[name])
            if is_value and len(self.problems) > before:
                typed[name] = t.Const(ERROR, (0, 1), None)
            if parsed[name] is None or len(self.problems) > before or self._builds_on_broken(typed[name]):
                self.broken.add(name)
            self.named[name] = self._known_of(typed[name], is_value)
        return typed

    def _known_of(self, typed: t.Typed, is_value: bool) -> NamedCondition:
        if is_value:
            return NamedCondition(type=typed.type, sums=sums_in(typed, self.named))
        return NamedCondition(*consequences(typed, self.named), type=BOOL)

    def _parse(self, text: Text) -> Syntax | None:
        before, self.read = self.read, self.read + len(text.text)
        if self.read > MAX_TEXT:
            if before <= MAX_TEXT:
                message = f"the conditions of a policy are longer than {MAX_TEXT:,} characters together"
                self.report(text.node, "too-much-text", message, "split the policy")
            return None
        try:
            return parse(text.text)
        except ExpressionProblem as problem:
            self.problems.append(to_diagnostic(text, problem))
            return None

    def _expression(self, text: Text, scope: Scope, expected: Type, *, in_rule: bool = False) -> t.Typed:
        typed = self._checked(text, self._parse(text), scope, expected, in_rule=in_rule)
        self._bounded(text, typed)
        return typed

    def _bounded(self, text: Text, typed: t.Typed) -> Size:
        size = size_of(typed, self.sizes)
        problem = size.too_large()
        if problem is None:
            return size
        message = f"with the conditions that it names, this {problem}"
        self.report(text.node, "condition-too-large", message, "let the conditions build less on each other")
        return Size()

    def _checked(
        self, text: Text, tree: Syntax | None, scope: Scope, expected: Type | None, *, in_rule: bool = False
    ) -> t.Typed:
        if tree is None or len(self.problems) >= MAX_PROBLEMS:
            return t.Const(ERROR, (0, 1), None)
        typed, problems = check(tree, scope, expected, text.text, in_rule=in_rule)
        doubtful = {"unknown-name"} if self.policy.incomplete else set()
        if self._builds_on_broken(typed) or scope.doubtful:
            doubtful.add("may-be-null")
        self.problems += [to_diagnostic(text, p) for p in problems if p.code not in doubtful]
        return typed

    def _builds_on_broken(self, typed: t.Typed) -> bool:
        return any(isinstance(n, t.ConditionRef) and n.name in self.broken for n in typed.walk())

    def _rule(self, rule: Rule) -> TypedRule:
        scope, before = self._scope(self._row_variable(rule)), len(self.problems)
        when = self._expression(rule.when, scope, BOOL) if rule.when else None
        if when is not None:
            scope = scope.knowing(consequences(when, self.named)[0])
            scope = replace(scope, doubtful=len(self.problems) > before or self._builds_on_broken(when))
        unless = self._expression(rule.unless, scope, BOOL) if rule.unless else None
        if unless is not None:
            scope = scope.knowing(consequences(unless, self.named)[1])
        message, problems = parse_message(rule.message, self.policy, rule)
        self.problems += problems
        applies = _applies(when, unless)
        if self.policy.outcomes[:1] == (rule.then,) and _always(applies):
            told = f"the rule `{rule.id}` gives `{rule.then}` without a condition"
            hint = "say when it applies, with `when` or `unless`"
            self.report(rule.then_node, "fails-open", told, hint)
        return TypedRule(rule, applies, when, unless, message, self._sets(rule, scope))

    def _sets(self, part: Rule | Otherwise, scope: Scope) -> dict[str, t.Typed]:
        """What a rule sets where it decides; an output without a default is set by every rule."""
        return {
            name: self._expression(text, scope, self._set_type(name, part), in_rule=isinstance(part, Rule))
            for name, text in part.sets.items()
        }

    def _check_always_set(self) -> None:
        """An output that is not optional and has no default gets its value from whatever decides."""
        parts: list[Rule | Otherwise] = [*self.policy.rules, self.policy.otherwise]
        for output in self.policy.outputs.values():
            has_value = not output.is_set or output.default is not None or output.type.optional
            missing = [f"`{p.id}`" for p in parts if output.name not in p.sets]
            if has_value or output.type.kind == "error" or not missing:
                continue
            verb = "does" if len(missing) == 1 else "do"
            told = f"{_and_more(missing)} {verb} not set the output `{output.name}`"
            hint = "set it there, or give it a `default`"
            self.report(self._key("outputs", output.name), "output-not-set", told, hint)

    def _output(self, output: Output, text: Text) -> t.Typed:
        """The value of an output; where all of it may be null, the declared type is what is told of."""
        before = len(self.problems)
        typed = self._expression(text, self._scope(), output.type)
        declared = output.node.get("type") if isinstance(output.node, Mapping) else None
        told = [p.code for p in self.problems[before:]]
        if told == ["may-be-null"] and typed.type.optional and isinstance(declared, Scalar):
            shown = text.text if len(text.text) <= 40 and "\n" not in text.text else "the value"
            message = f"the output `{output.name}` may be null, but its type has no `?`"
            hint = f'write `"{declared.text}?"`, or say what it is otherwise: `{shown} != null ? {shown} : …`'
            self.problems[before:] = [declared.diagnostic("may-be-null", message, hint)]
        return typed

    def _check_typed(self, outputs: Map[str, t.Typed], sets: list[Map[str, t.Typed]]) -> None:
        """Every output has a type; what it is given says which."""
        for output in self.policy.outputs.values():
            node = output.node
            if not isinstance(node, Mapping) or any(k.text.startswith("type") for k, _ in node.entries):
                continue
            given = [typed for group in (outputs, *sets) if (typed := group.get(output.name)) is not None]
            type_ = next((str(g.type) for g in given if g.type.kind in SCALARS), "…")
            default = node.get("default")
            if type_ == "…" and isinstance(default, Scalar):
                kinds = (k for k in SCALARS if scalar_value(default, SCALARS[k]) is not None)
                type_ = next(kinds, type_)
            if output.is_set and default is None and len(given) < len(sets) and type_ != "…":
                type_ = type_.removesuffix("?") + "?"
            shown = f'"{type_}"' if "?" in type_ else type_
            message = f"the output `{output.name}` needs the key `type`"
            self.report(node, "missing-key", message, f"add `type: {shown}`")

    def _set_type(self, name: str, part: Rule | Otherwise) -> Type:
        output = self.policy.outputs.get(name)
        if output is not None and output.is_set:
            return output.type
        node = self._key_in(part.node, "set", name)
        if output is None:
            hint = did_you_mean(name, [o.name for o in self.policy.outputs.values() if o.is_set])
            self.report(node, "unknown-output", f"unknown output `{name}`", hint or "declare it in `outputs`")
        elif output.type.kind != "error":
            hint = "delete its `value` to let rules set it"
            self.report(
                node, "output-has-value", f"the output `{name}` is computed from its own `value`", hint
            )
        return ERROR

    def _forgotten_row(self, rule: Rule) -> dict[str, Type]:
        """A rule that reads `row` and has no `for_each` is told of once."""
        columns = columns_read(rule)
        if not columns or self._scope().taken("row"):
            return {}
        tables = {n: {c for c, _ in p.table.columns} for n, p in self.policy.parameters.items() if p.table}
        table = next((name for name, found in tables.items() if columns <= found), None)
        hint = f"add `for_each: {{row: {table or next(iter(tables), 'table')}}}` to the rule"
        message = f"the rule `{rule.id}` reads `row`, and has no `for_each`"
        self.report(rule.id_node, "unknown-name", message, hint)
        return {"row": ERROR}

    def _row_variable(self, rule: Rule) -> dict[str, Type]:
        each = rule.for_each
        if each is None:
            return self._forgotten_row(rule)
        if not each.parameter or (self.policy.incomplete and each.parameter not in self.policy.parameters):
            return {each.variable: ERROR}
        exchanged = self.policy.parameters.get(each.variable)
        if exchanged is not None and exchanged.table is not None and each.parameter not in self.parameters:
            hint = f"the name of the row comes first: `{{{each.parameter}: {each.variable}}}`"
            self.report(each.node, "unknown-table", f"`{each.parameter}` is not a table", hint)
            return {each.parameter: exchanged.type.item or ERROR}
        parameter = self.policy.parameters.get(each.parameter)
        if each.parameter in self.policy.unread:
            return {each.variable: ERROR}
        if parameter is not None and parameter.type.kind == "error":
            return {each.variable: ERROR}
        if parameter is None or parameter.table is None or parameter.type.item is None:
            tables = [n for n, p in self.policy.parameters.items() if p.table]
            self.report(
                each.node,
                "unknown-table",
                f"`{each.parameter}` is not a table",
                did_you_mean(each.parameter, tables),
            )
            return {each.variable: ERROR}
        if self._scope().taken(each.variable):
            self.report(
                each.node,
                "name-taken",
                f"the name `{each.variable}` is already taken",
                "choose another for the row",
            )
        if each.variable != "row" and columns_read(rule) and not self._scope().taken("row"):
            message = f"the rule `{rule.id}` reads `row`, and its `for_each` calls it `{each.variable}`"
            self.report(each.node, "unknown-name", message, f"write `{{row: {each.parameter}}}`")
            return {each.variable: parameter.type.item, "row": ERROR}
        return {each.variable: parameter.type.item}


def _and_more(names: list[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more rules"
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _applies(when: t.Typed | None, unless: t.Typed | None) -> t.Typed | None:
    if unless is None:
        return when
    negated = t.Not(BOOL, unless.span, unless)
    return negated if when is None else t.And(BOOL, when.span, (when, negated))


def _always(tree: t.Typed | None) -> bool:
    """Whether a condition holds whatever the facts are, as far as its constants show."""
    match tree:
        case None | t.Const(value=True) | t.Not(operand=t.Const(value=False)):
            return True
        case t.And(operands=operands):
            return all(map(_always, operands))
        case t.Or(operands=operands):
            return any(map(_always, operands))
        case (
            t.Const()
            | t.FactRef()
            | t.ParameterRef()
            | t.ConditionRef()
            | t.Now()
            | t.Variable()
            | t.Field()
            | t.Not()
            | t.IsNull()
            | t.Compare()
            | t.In()
            | t.ListOf()
            | t.Sum()
            | t.IfElse()
            | t.Quantifier()
            | t.Apply()
        ):
            return False
        case _:
            assert_never(tree)
