"""The second verb: policy to validated policy. Parse and type-check conditions, and check that the policy fails closed."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import replace

from documents.diagnostics import Diagnostic, and_more, did_you_mean, has_errors, in_order
from documents.nodes import MAX_PROBLEMS, Mapping, Node, Scalar
from engine.expression import typed as t
from engine.expression.arithmetic_checker import sums_in
from engine.expression.checker import check, missing_row
from engine.expression.hints import NO_ROW
from engine.expression.intervals import EXACT, asks_for_bounds, interval, numbers_in
from engine.expression.order import cycle_of, in_dependency_order
from engine.expression.parser import parse
from engine.expression.problem import ExpressionProblem, IncompleteTable
from engine.expression.scope import NamedCondition, Scope, TableShape, choices_of, consequences
from engine.expression.size import Size, size_of
from engine.expression.syntax import Syntax
from engine.expression.types import BOOL, ERROR, SCALARS, STRING, Type
from engine.policy.bare_types import bare_type
from engine.policy.fails_closed import check_fails_closed, is_always
from engine.policy.for_each import for_each_hint, row_variable
from engine.policy.messages import Part, parse_message
from engine.policy.model import Otherwise, Output, Parameter, Policy, Rule, Table, Text
from engine.policy.private import is_private, private_names
from engine.policy.text_position import to_diagnostic
from engine.policy.type_reader import optional_type
from engine.policy.unquoted import value_as_expression, value_as_text, words_as_value
from engine.policy.unreadable import explain_unknown, instead_of_output, quoted_in
from engine.policy.validated import TypedRule, ValidatedPolicy
from engine.policy.value_reader import scalar_value

MAX_TEXT = 60_000
_LOOPS = 8
"""How many loops are shown name by name, and how long they may be."""


def validate(policy: Policy) -> tuple[ValidatedPolicy | None, tuple[Diagnostic, ...]]:
    """The policy with typed conditions, or None if there is an error, and every problem found."""
    validator = _Validator(policy)
    validated = validator.run()
    diagnostics = in_order(validator.problems)
    return (None if has_errors(diagnostics) else validated), diagnostics


def check_condition(
    policy: Policy, text: Text, variables: Map[str, Type], what: str
) -> tuple[t.Typed, list[Diagnostic]]:
    """A condition that is not part of the policy but reads its names, and further `variables`."""
    validator = _Validator(policy)
    validator._conditions()
    validator.problems.clear()
    validator.read = 0
    typed = validator._expression(text, validator._scope(variables), BOOL, what)
    return typed, validator.problems


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
        """Conditions with a problem. Their effect on null checks is unknown, so follow-up problems are not reported."""
        self.parameters = {name: _bounded_type(p) for name, p in policy.parameters.items()}
        self.tables = {name: _shape(p.table) for name, p in policy.parameters.items() if p.table is not None}
        self.incomplete: dict[tuple[str, tuple[object, ...]], list[str]] = {}
        """For each table and missing key, what relies on that row."""

    def run(self) -> ValidatedPolicy:
        self._check_names()
        self.problems += check_fails_closed(self.policy)
        conditions = self._conditions()
        rules = tuple(self._rule(rule) for rule in self.policy.rules)
        outputs = {
            o.name: self._output(o, o.value) for o in self.policy.outputs.values() if o.value is not None
        }
        self._check_always_set()
        otherwise_sets = self._sets(self.policy.otherwise, self._scope())
        self._check_typed(outputs, [*(rule.sets for rule in rules), otherwise_sets])
        self._report_incomplete_tables()
        hidden = private_names(conditions, self.policy)
        private = [name for name, tree in outputs.items() if is_private(tree, hidden, self.policy)]

        def message(part: Rule | Otherwise, sets: Map[str, t.Typed]) -> tuple[Part, ...]:
            hidden_outputs = [
                *private,
                *(name for name, tree in sets.items() if is_private(tree, hidden, self.policy)),
            ]
            rule = part if isinstance(part, Rule) else None
            parts, problems = parse_message(part.message, self.policy, rule, hidden_outputs)
            self.problems += problems
            return parts

        rules = tuple(replace(rule, message=message(rule.rule, rule.sets)) for rule in rules)
        otherwise = message(self.policy.otherwise, otherwise_sets)
        return ValidatedPolicy(self.policy, conditions, rules, otherwise, outputs, otherwise_sets)

    def report(self, node: Node, code: str, message: str, hint: str | None) -> None:
        self.problems.append(node.diagnostic(code, message, hint))

    def _check_names(self) -> None:
        """Check that facts, parameters, values and conditions have distinct names."""
        policy = self.policy
        seen: dict[str, str] = {}
        for section in ("facts", "parameters", "values", "conditions"):
            for name in getattr(policy, section):
                if name in seen:
                    message = f"`{name}` is already a {seen[name]}"
                    self.report(self._key(section, name), "name-taken", message, "choose another name")
                seen.setdefault(name, section.removesuffix("s"))

    def _key(self, section: str, name: str) -> Node:
        """The node where a name is declared."""
        return self._key_in(self.policy.node, section, name)

    def _key_in(self, node: Node, section: str, name: str) -> Node:
        declared = node.get(section) if isinstance(node, Mapping) else None
        entries = declared.entries if isinstance(declared, Mapping) else []
        return next((key for key, _ in entries if key.text == name), node)

    def _scope(self, variables: Map[str, Type] | None = None) -> Scope:
        outputs = {name: output.is_set for name, output in self.policy.outputs.items()}
        return Scope(
            self.facts, self.parameters, self.named, variables or {}, tables=self.tables, outputs=outputs
        )

    def _conditions(self) -> dict[str, t.Typed]:
        written = self.policy.named
        parsed = {
            name: self._parse(text, BOOL if name in self.policy.conditions else None)
            for name, text in written.items()
        }
        order, loops = in_dependency_order({name: tree for name, tree in parsed.items() if tree is not None})
        taken = {p.message.split("`")[1] for p in self.problems if p.code == "name-taken"}
        for name in loops if not taken else ():
            kind = "condition" if name in self.policy.conditions else "value"
            cycle = cycle_of(name, parsed) if len(loops) <= _LOOPS else []
            through = ": " + " reads ".join(f"`{n}`" for n in cycle) if 0 < len(cycle) <= _LOOPS else ""
            message = f"the {kind} `{name}` leads back to itself{through}"
            hint = "name something else in one of them"
            self.report(written[name].node, "condition-loop", message, hint)
        self.broken |= {n for n in parsed if n not in order}
        typed: dict[str, t.Typed] = {}
        for name in order:
            text, before = written[name], len(self.problems)
            is_value = name not in self.policy.conditions
            what = f"the {'value' if is_value else 'condition'} `{name}`"
            typed[name] = self._checked(text, parsed[name], self._scope(), None if is_value else BOOL, what)
            self.sizes[name] = self._bounded(text, typed[name])
            if is_value and len(self.problems) > before:
                typed[name] = t.Const(ERROR, (0, 1), None)
            if parsed[name] is None or len(self.problems) > before or self._builds_on_broken(typed[name]):
                self.broken.add(name)
            self.named[name] = self._known_of(typed[name], is_value)
        return typed

    def _known_of(self, typed: t.Typed, is_value: bool) -> NamedCondition:
        if is_value:
            missing = missing_row(typed, self._scope())
            return NamedCondition(
                type=typed.type,
                sums=sums_in(typed, self.named),
                missing=missing,
                interval=interval(typed, self.named) if typed.type.kind in EXACT else None,
                asks_for_bounds=asks_for_bounds(typed, self.named),
                numbers=numbers_in(typed, self.named),
                choices=choices_of(typed, self.named),
            )
        return NamedCondition(*consequences(typed, self.named), type=BOOL)

    def _parse(self, text: Text, expected: Type | None = BOOL, what: str = "") -> Syntax | None:
        before, self.read = self.read, self.read + len(text.text)
        if self.read > MAX_TEXT:
            if before <= MAX_TEXT:
                message = f"the conditions of a policy are longer than {MAX_TEXT:,} characters together"
                self.report(text.node, "too-much-text", message, "split the policy")
            return None
        try:
            return parse(text.text)
        except ExpressionProblem as problem:
            if expected != BOOL and (found := self._unquoted(text, problem, expected, what)):
                self.problems.append(found)
                return None
            problem.hint = self._number_hint(text.text, problem) or problem.hint
            self.problems.append(to_diagnostic(text, problem))
            return None

    def _no_expression(self, text: Text, expected: Type, scope: Scope, what: str) -> Diagnostic | None:
        """Report `null` or a bare word where they cannot be meant as an expression."""
        name = quoted_in(what)
        output = self.policy.outputs.get(name)
        if text.text == "null" and output is not None and not expected.optional and expected.kind != "error":
            message = f"the output `{name}` is never null"
            hint = f"to let it be null, write `type: {optional_type(expected)}`"
            if output.default is not None:
                hint = f"delete it, and `{name}` has its default; {hint} instead, without a `default`"
            return text.node.diagnostic("null-value", message, hint)
        return value_as_text(text, name, expected, scope.names())

    def _unquoted(
        self, text: Text, problem: ExpressionProblem, expected: Type | None, what: str
    ) -> Diagnostic | None:
        """Report what is no expression where a value is expected, such as a text without its quotes."""
        if expected is None:
            return words_as_value(text, self._scope().names())
        return value_as_expression(text, quoted_in(what), expected, problem)

    def _number_hint(self, text: str, problem: ExpressionProblem) -> str | None:
        """How to write a number without its unit, as the type of the name that it is compared with demands."""
        start, end = problem.span
        number = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*[A-Za-z€$£%]+", text[start:end])
        before = re.search(r"([a-z]\w*)(?:\.([a-z]\w*))? *(?:[<>=!]=|[<>+-]) *$", text[:start])
        behind = re.match(r" *(?:[<>=!]=|[<>+-]) *([a-z]\w*)(?:\.([a-z]\w*))?", text[end:])
        match = before or behind
        type_ = (self.facts | self.parameters).get(match[1]) if match else None
        type_ = type_.field(match[2]) if type_ and match and match[2] else type_
        if number is None or type_ is None or type_.kind not in ("int", "decimal", "double"):
            return None
        if text[start:end].endswith("%") and type_.kind != "int":
            return None
        point = ".0" if type_.kind == "double" and "." not in number[1] else ""
        return f"write `{number[1]}{point}`, without the unit"

    def _expression(
        self, text: Text, scope: Scope, expected: Type, what: str, *, in_rule: bool = False, name: str = ""
    ) -> t.Typed:
        """`what` is the rule or output that the expression belongs to, `name` the output that a rule sets."""
        if expected != BOOL and (found := self._no_expression(text, expected, scope, name or what)):
            self.problems.append(found)
            return t.Const(ERROR, (0, 1), None)
        tree = self._parse(text, expected, name or what)
        typed = self._checked(text, tree, scope, expected, what, in_rule=in_rule)
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
        self,
        text: Text,
        tree: Syntax | None,
        scope: Scope,
        expected: Type | None,
        what: str,
        *,
        in_rule: bool = False,
    ) -> t.Typed:
        if tree is None or len(self.problems) >= MAX_PROBLEMS:
            return t.Const(ERROR, (0, 1), None)
        typed, problems = check(tree, scope, expected, text.text, in_rule=in_rule)
        doubtful = {"unknown-name"} if self.policy.incomplete else set()
        if self._builds_on_broken(typed) or scope.doubtful:
            doubtful.add("may-be-null")
        spans: list[tuple[int, int]] = []
        for problem in problems:
            if isinstance(problem, IncompleteTable):
                relying = self.incomplete.setdefault((problem.table, problem.key), [])
                relying += [what] if what not in relying else []
            elif problem.code not in doubtful:
                if problem.hint == NO_ROW and what.startswith("the rule "):
                    problem.message = f"there is no `row` here: {what} has no `for_each`"
                    problem.hint = for_each_hint(set(), self.tables, self._scope())
                elif problem.code == "output-in-expression" and not (problem.hint or "").startswith("write"):
                    instead = instead_of_output(self.policy, problem.message.split("`")[1], what, text)
                    problem.hint = instead or problem.hint
                elif problem.code == "unknown-name" and problem.hint != NO_ROW:
                    explain_unknown(self.policy, problem, text, expected)
                elif problem.code == "needless-null-test" and problem.message.startswith(
                    f"`{self.policy.in_force_by}` "
                ):
                    problem.hint = "delete the test: the fact of `in_force_by` is always given"
                elif problem.hint == NO_ROW:
                    problem.message = f"only a rule with `for_each` has a `row`, and this is {what}"
                    problem.hint = self._one_row(text)
                if problem.span not in spans:
                    self.problems.append(to_diagnostic(text, problem))
                spans.append(problem.span)
        return typed

    def _one_row(self, text: Text) -> str:
        """How to read a row where there is no `for_each`."""
        read = set(re.findall(r"\brow\.(\w+)", text.text))
        for name, parameter in self.policy.parameters.items():
            table = parameter.table
            if table is not None and table.rows and read <= {column for column, _ in table.columns}:
                cells = table.row_key(table.rows[0])
                key = ", ".join(f'"{c}"' if isinstance(c, str) else str(c).lower() for c in cells)
                return f"read one row by its key, such as `{name}.row({key})`, or write a value without it"
        return "write a value without it"

    def _report_incomplete_tables(self) -> None:
        """Report a missing row once, at its table, with everything that relies on it."""
        for (name, key), relying in self.incomplete.items():
            shown = ", ".join(f"`{word}`" for word in map(_written, key))
            message = f"the table `{name}` has no row for {shown}, and {and_more(relying)} "
            message += "relies on one" if len(relying) == 1 else "rely on one"
            shape = self.policy.parameters[name].table
            cells = (
                [_written(key[shape.key.index(c)]) if c in shape.key else "…" for c, _ in shape.columns]
                if shape
                else []
            )
            hint = f"add the row `[{', '.join(cells)}]`, or test `{name}.row(…) != null` first"
            self.report(self._key("parameters", name), "incomplete-table", message, hint)

    def _builds_on_broken(self, typed: t.Typed) -> bool:
        return any(isinstance(n, t.ConditionRef) and n.name in self.broken for n in typed.walk())

    def _rule(self, rule: Rule) -> TypedRule:
        variables, problems = row_variable(rule, self.policy, self.tables, self._scope())
        self.problems += problems
        scope, before = self._scope(variables), len(self.problems)
        what = f"the rule `{rule.id}`"
        when = self._expression(rule.when, scope, BOOL, what) if rule.when else None
        if when is not None:
            scope = scope.knowing(consequences(when, self.named)[0])
            scope = replace(scope, doubtful=len(self.problems) > before or self._builds_on_broken(when))
        unless = self._expression(rule.unless, scope, BOOL, what) if rule.unless else None
        if unless is not None:
            scope = scope.knowing(consequences(unless, self.named)[1])
        applies = _applies(when, unless)
        if self.policy.outcomes[:1] == (rule.then,) and is_always(applies):
            message = (
                f"the rule `{rule.id}` gives `{rule.then}`, the most permissive outcome, without a condition"
            )
            hint = "say when it applies, with `when` or `unless`"
            self.report(rule.then_node, "fails-open", message, hint)
        return TypedRule(rule, applies, when, unless, (), self._sets(rule, scope))

    def _sets(self, part: Rule | Otherwise, scope: Scope) -> dict[str, t.Typed]:
        """Check what a rule sets when it decides. Every rule must set an output that has no default."""
        expressions: dict[str, t.Typed] = {}
        for name, text in part.sets.items():
            type_, in_rule = self._set_type(name, part), isinstance(part, Rule)
            word = self._bare_word(name, text, type_, scope)
            expressions[name] = word or self._expression(
                text,
                scope,
                type_,
                f"the rule `{part.id}`" if in_rule else "`otherwise`",
                in_rule=in_rule,
                name=f"the output `{name}`",
            )
        return expressions

    def _bare_word(self, name: str, text: Text, type_: Type, scope: Scope) -> t.Typed | None:
        """Accept `rate: best`, which sets an enum to one of its members without nested quotes."""
        word = text.text
        if type_.kind != "enum" or (not re.fullmatch(r"[A-Za-z_][\w-]*", word) and word not in type_.members):
            return None
        if word in type_.members and not scope.taken(word):
            return t.Const(STRING, (0, len(word)), word)
        if word in type_.members:
            message = f"`{word}` is a value of the output `{name}`, and a name too"
            hint = f"write '\"{word}\"' for the value, or ({word}) for what has the name"
            self.report(text.node, "ambiguous-value", message, hint)
            return t.Const(ERROR, (0, 1), None)
        if scope.taken(word) or word in ("true", "false", "null"):
            return None
        hint_ = did_you_mean(word, type_.members)
        self.report(text.node, "unknown-value", f"`{word}` is not a value of the output `{name}`", hint_)
        return t.Const(ERROR, (0, 1), None)

    def _check_always_set(self) -> None:
        """Check that every deciding rule sets each output that is neither optional nor has a default."""
        parts: list[Rule | Otherwise] = [*self.policy.rules, self.policy.otherwise]
        for output in self.policy.outputs.values():
            has_value = not output.is_set or output.default is not None or output.type.optional
            missing = [f"`{p.id}`" for p in parts if output.name not in p.sets and not _is_broken(p)]
            if has_value or output.type.kind == "error" or not missing:
                continue
            verb = "does" if len(missing) == 1 else "do"
            message = f"{and_more(missing, ' rules')} {verb} not set the output `{output.name}`"
            hint = "set it there, or give it a `default`"
            self.report(self._key("outputs", output.name), "output-not-set", message, hint)

    def _output(self, output: Output, text: Text) -> t.Typed:
        """Check the value of an output. If the whole value may be null, report it at the declared type."""
        before = len(self.problems)
        typed = self._expression(text, self._scope(), output.type, f"the output `{output.name}`")
        declared = output.node.get("type") if isinstance(output.node, Mapping) else None
        codes = [p.code for p in self.problems[before:]]
        if codes == ["may-be-null"] and typed.type.optional and isinstance(declared, Scalar):
            shown = text.text if len(text.text) <= 40 and "\n" not in text.text else "the value"
            message = f"the output `{output.name}` may be null, but its type has no `?`"
            hint = f'write `"{declared.text}?"`, or say what it is otherwise: `{shown} != null ? {shown} : …`'
            self.problems[before:] = [declared.diagnostic("may-be-null", message, hint)]
        return typed

    def _check_typed(self, outputs: Map[str, t.Typed], sets: list[Map[str, t.Typed]]) -> None:
        """Check that every output has a type, and suggest one from its values."""
        for output in self.policy.outputs.values():
            node = output.node
            if (
                not isinstance(node, Mapping)
                or bare_type(node) is not None
                or any(
                    k.text.startswith("type") or k.text in ("decimal", "enum", "list", "record")
                    for k, _ in node.entries
                )
            ):
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


def _is_broken(part: Rule | Otherwise) -> bool:
    """Whether the `set` of a rule is no mapping, which is already reported."""
    written = part.node.get("set") if isinstance(part.node, Mapping) else None
    return written is not None and not isinstance(written, Mapping)


def _shape(table: Table) -> TableShape:
    key = tuple((name, type_) for name, type_ in table.columns if name in table.key)
    rows = frozenset(map(table.row_key, table.rows))
    cells = zip(*table.rows, strict=True) if table.rows else ((),) * len(table.columns)
    columns = (
        (name, _spanning(type_, column_cells))
        for (name, type_), column_cells in zip(table.columns, cells, strict=True)
    )
    return TableShape(key, Type("record", fields=tuple(columns)), rows, table.unread)


def _bounded_type(parameter: Parameter) -> Type:
    """The parameter's type with bounds: the declared ones, or the minimum and maximum of its values."""
    type_, value = parameter.type, parameter.value
    if isinstance(value, tuple) and type_.item is not None:
        return replace(type_, item=_spanning(type_.item, value), max_items=len(value))
    type_ = _spanning(type_, (value,))
    low, high = parameter.minimum, parameter.maximum
    return replace(
        type_, minimum=type_.minimum if low is None else low, maximum=type_.maximum if high is None else high
    )


def _spanning(type_: Type, values: Sequence[object]) -> Type:
    """The type with the bounds of these values, if they are exact numbers."""
    numbers = [value for value in values if isinstance(value, int)] if type_.kind in EXACT else []
    return replace(type_, minimum=min(numbers), maximum=max(numbers)) if numbers else type_


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _applies(when: t.Typed | None, unless: t.Typed | None) -> t.Typed | None:
    if unless is None:
        return when
    negated = t.Not(BOOL, unless.span, unless)
    return negated if when is None else t.And(BOOL, when.span, (when, negated))
