"""Write conditions and values as SQL.

INVARIANT: what the engine evaluates is never NULL in SQL unless it is null in the engine. What the engine skips, such as the
operand after a false one, may be NULL in SQL, which `AND`, `OR` and `CASE` absorb as the engine's order of evaluation does.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, assert_never

from engine.backends.sql.cannot_say import CannotSay
from engine.backends.sql.dialects.dialect import Dialect
from engine.backends.sql.formulas import Above, Equal, Formula, Plain, both, either, in_sql, negated
from engine.backends.sql.sizes import BIGINT, Sizes
from engine.backends.sql.stages import Stages
from engine.expression import typed as t
from engine.expression.functions import WHITE_SPACE
from engine.expression.types import Type
from engine.policy.validated import ValidatedPolicy

Bound = str | Mapping[str, Any]
"""What a variable stands for: the item of a loop, as SQL, or a row of a table, as its cells."""
MAX_TEXT = 200_000
"""Characters of one expression; beyond this, nested loops have multiplied it."""
_NUMBERS = ("int", "double", "decimal", "timestamp", "duration")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS = {"==": "=", "!=": "<>"}
_TRUTH = {"TRUE": True, "FALSE": False}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Terms:
    def __init__(
        self,
        validated: ValidatedPolicy,
        stages: Stages,
        facts: Mapping[str, str],
        conditions: Mapping[str, str],
    ) -> None:
        self.validated = validated
        self.stages = stages
        self.sql: Dialect = stages.sql
        self.facts = facts
        """The column of each fact."""
        self.conditions = conditions
        """The column of each named condition or value."""
        self.known: dict[str, bool] = {}
        """Named conditions that are the same for every row. They have no column."""
        self.sizes = Sizes(validated, self.sql.most_digits)
        self.reads: set[str] = set()
        self._items: dict[str, int] = {}
        """The largest absolute value of each loop variable in scope."""

    def column(self, name: str) -> str:
        self.reads.add(name)
        return self.sql.name(name)

    @contextmanager
    def reading(self) -> Iterator[set[str]]:
        """The columns that are read inside; they are not counted as read outside."""
        before, self.reads = self.reads, set()
        try:
            yield self.reads
        finally:
            self.reads = before

    def add(self, column: str, tree: t.Typed, env: Mapping[str, Bound] | None = None) -> None:
        """Compute a column from an expression."""
        with self.reading() as reads:
            written = self.write(tree, env or {})
        self.stages.add(column, written, reads)

    def define(self, name: str, tree: t.Typed) -> None:
        """Compute the column of a named condition or value."""
        with self.reading() as reads:
            written = self.write(tree, {})
        if written in _TRUTH:
            self.known[name] = _TRUTH[written]
        else:
            self.stages.add(self.conditions[name], written, reads)

    def write(self, node: t.Typed, env: Mapping[str, Bound]) -> str:
        written = self._write(node, env)
        if len(written) > MAX_TEXT:
            raise CannotSay("an expression this long", node)
        return written

    def _write(self, node: t.Typed, env: Mapping[str, Bound]) -> str:
        match node:
            case t.Const(value=value):
                return self.sql.literal(value, node.type)
            case t.FactRef(name=name):
                return self.column(self.facts[name])
            case t.ParameterRef(name=name):
                parameter = self.validated.policy.parameters[name]
                return self.sql.literal(parameter.value, parameter.type)
            case t.ConditionRef(name=name):
                if name in self.known:
                    return in_sql(self.known[name])
                return self.column(self.conditions[name])
            case t.Now():
                return self.column("now")
            case t.Variable(name=name):
                bound = env[name]
                if not isinstance(bound, str):
                    raise CannotSay("a row as a whole", node)
                return bound
            case t.Field(record=record, name=name):
                return self._field(node, record, name, env)
            case t.Row():
                return self._row(node, None, env)
            case t.Not() | t.And() | t.Or() | t.IsNull() | t.Compare():
                return in_sql(self.formula(node, env))
            case t.In(item=item, container=container):
                return self._in(item, container, env)
            case t.ListOf(items=items):
                assert node.type.item is not None
                return self.sql.listed((self.write(i, env) for i in items), node.type.item)
            case t.Sum(operator=sign, left=left, right=right):
                return f"({self._wide(node, left, env)} {sign} {self.write(right, env)})"
            case t.Product(left=left, right=right):
                return f"({self._wide(node, left, env)} * {self.write(right, env)})"
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                asked = self.write(condition, env)
                if asked in _TRUTH:
                    return self.write(then if _TRUTH[asked] else otherwise, env)
                branch = asked, self.write(then, env)
                return f"({self.sql.cases([branch], self.write(otherwise, env))})"
            case t.Quantifier():
                return self._quantifier(node, env)
            case t.Apply():
                return self._apply(node, env)
            case _:
                assert_never(node)

    def formula(self, node: t.Typed, env: Mapping[str, Bound]) -> Formula:
        """A condition by the tests that it consists of."""
        if isinstance(node, t.Not):
            return negated(self.formula(node.operand, env))
        if isinstance(node, t.And | t.Or):
            decides = isinstance(node, t.Or)
            parts: dict[int, Formula] = {}
            # A loop that decides nothing must not be written at all: it would be asked for every row.
            for number in sorted(range(len(node.operands)), key=lambda n: _has_loop(node.operands[n])):
                parts[number] = self.formula(node.operands[number], env)
                if parts[number] is decides:
                    return decides
            joined = either if decides else both
            return joined(parts[number] for number in range(len(node.operands)))
        if isinstance(node, t.IsNull):
            known = self._known(node.operand, env)
            return known[0] is None if known else Plain(f"({self.write(node.operand, env)} IS NULL)")
        if isinstance(node, t.Compare):
            return self._comparison(node, env)
        if isinstance(node, t.In) and not node.item.type.optional:
            items = self._constants(node.container)
            if items is not None:
                return self._one_of(node.item, items, env)
        if isinstance(node, t.Quantifier) and self._is_bit(node, env):
            return self._bit(node, env)
        written = self.write(node, env)
        return _TRUTH[written] if written in _TRUTH else Plain(written)

    def _comparison(self, node: t.Compare, env: Mapping[str, Bound]) -> Formula:
        left, right = self._known(node.left, env), self._known(node.right, env)
        if left and right and None not in (*left, *right):
            return _COMPARE[node.operator](left[0], right[0])
        sides, sign = (node.left, node.right), node.operator
        if left:
            right, sides, sign = left, sides[::-1], _TURNED.get(sign, sign)
        subject, constant = (self.write(side, env) for side in sides)
        value = right[0] if right else None
        if value == 0 and sides[1].type.kind == "double":
            constant = self._compared(value, sides[1].type)
        if value is None or (sign in _TURNED and node.left.type.kind not in _NUMBERS):
            return Plain(f"({subject} {_SIGNS.get(sign, sign)} {constant})")
        if sign in _SIGNS:
            equal = Equal(subject, (constant,))
            return equal if sign == "==" else negated(equal)
        above = Above(subject, value, sign in (">", "<="), constant)
        return above if sign in (">", ">=") else negated(above)

    def _one_of(self, item: t.Typed, items: list[str], env: Mapping[str, Bound]) -> Formula:
        known = self._known(item, env)
        if known and known[0] is not None:
            return self._compared(known[0], item.type) in items
        return Equal(self.write(item, env), tuple(items)) if items else False

    def _compared(self, value: Any, type_: Type) -> str:
        """A constant that is compared by what it is written as, so that equal ones have to be written alike: 0.0 and -0.0."""
        return self.sql.literal(0.0 if type_.kind == "double" and value == 0 else value, type_)

    def _known(self, node: t.Typed, env: Mapping[str, Bound]) -> tuple[Any] | None:
        """The value, if it is known when the query is written."""
        if isinstance(node, t.Const):
            return (node.value,)
        if isinstance(node, t.ParameterRef) and node.type.kind not in ("list", "record"):
            return (self.validated.policy.parameters[node.name].value,)
        if isinstance(node, t.Field) and isinstance(node.record, t.Variable):
            row = env[node.record.name]
            return None if isinstance(row, str) else (row[node.name],)
        return None

    def _wide(self, node: t.Typed, operand: t.Typed, env: Mapping[str, Bound]) -> str:
        """The left operand, in 128 bits if the result may need them."""
        written = self.write(operand, env)
        wide = node.type.kind != "double" and self.sizes.of(node, self._items) >= BIGINT
        return self.sql.wide(written) if wide else written

    def _field(self, node: t.Typed, record: t.Typed, name: str, env: Mapping[str, Bound]) -> str:
        if isinstance(record, t.Row):
            return self._row(record, name, env)
        if isinstance(record, t.Variable) and isinstance(row := env[record.name], Mapping):
            return self.sql.literal(row[name], node.type)
        return self.sql.field(self.write(record, env), name, node.type)

    def _row(self, node: t.Row, column: str | None, env: Mapping[str, Bound]) -> str:
        """A row of a table, or one of its cells."""
        table = self.validated.policy.parameters[node.table].table
        assert table is not None
        types = dict(table.columns)
        keys = [self.write(key, env) for key in node.keys]
        key_types = [types[name] for name, _ in table.columns if name in table.key]
        branches = []
        for row in table.rows:
            cells = table.named(row)
            values = zip(keys, table.row_key(row), key_types, strict=True)
            tests = " AND ".join(f"{key} = {self.sql.literal(value, type_)}" for key, value, type_ in values)
            shown = {name: self.sql.literal(value, types[name]) for name, value in cells.items()}
            branches.append(
                (tests, self.sql.record(list(shown.items())) if column is None else shown[column])
            )
        type_ = Type("record", fields=table.columns) if column is None else types[column]
        return f"({self.sql.cases(branches, self.sql.literal(None, type_))})"

    def _in(self, item: t.Typed, container: t.Typed, env: Mapping[str, Bound]) -> str:
        items = self._constants(container)
        if items is not None:
            found = in_sql(self._one_of(item, items, env))
            return f"COALESCE({found}, FALSE)" if item.type.optional and found not in _TRUTH else found
        written = self.write(item, env)
        listed, type_ = self.write(container, env), container.type.item
        assert type_ is not None
        has = self.sql.has(listed, written, type_)
        if not item.type.optional:
            return has
        nulls = self.sql.counted(listed, "x", f"{self.sql.item('x', type_)} IS NULL")
        return f"(CASE WHEN {written} IS NULL THEN {nulls} > 0 ELSE {has} END)"

    def _constants(self, container: t.Typed) -> list[str] | None:
        """The items of a list that is known when the query is written, and has no null."""
        if isinstance(container, t.ParameterRef):
            parameter = self.validated.policy.parameters[container.name]
            item, values = parameter.type.item, parameter.value
            assert item is not None and isinstance(values, tuple)
            return None if None in values else [self._compared(value, item) for value in values]
        if isinstance(container, t.ListOf):
            known = [i.value for i in container.items if isinstance(i, t.Const) and i.value is not None]
            item = container.type.item
            assert item is not None
            return [self._compared(v, item) for v in known] if len(known) == len(container.items) else None
        return None

    def _quantifier(self, node: t.Quantifier, env: Mapping[str, Bound]) -> str:
        if self._is_bit(node, env):
            return in_sql(self._bit(node, env))
        depth = sum(isinstance(bound, str) for bound in env.values())
        variable = f"x{depth}"
        items, body = self.write(node.source, env), self._body(node, variable, env)
        match node.kind:
            case "exists":
                return f"({self.sql.counted(items, variable, body)} > 0)"
            case "all":
                return f"({self.sql.counted(items, variable, f'NOT {body}')} = 0)"
            case "exists_one":
                return f"({self.sql.counted(items, variable, body)} = 1)"
            case "filter":
                return self.sql.matching(items, variable, body)
            case "map":
                return self.sql.each(items, variable, body)
            case _:
                assert_never(node.kind)

    def _body(self, node: t.Quantifier, variable: str, env: Mapping[str, Bound]) -> str:
        with self._looping(node, variable, env) as inner:
            return self.write(node.body, inner)

    @contextmanager
    def _looping(
        self, node: t.Quantifier, variable: str, env: Mapping[str, Bound]
    ) -> Iterator[Mapping[str, Bound]]:
        """What variables stand for within the body of a loop."""
        before = dict(self._items)
        self._items[node.variable] = self.sizes.of(node.source, before)
        item = node.source.type.item
        assert item is not None
        try:
            yield {**env, node.variable: self.sql.item(variable, item)}
        finally:
            self._items = before

    @staticmethod
    def _is_bit(node: t.Quantifier, env: Mapping[str, Bound]) -> bool:
        """Whether a loop stands in no other one, and asks whether there is an item."""
        return node.kind in ("exists", "all") and not any(isinstance(bound, str) for bound in env.values())

    def _bit(self, node: t.Quantifier, env: Mapping[str, Bound]) -> Formula:
        with self.reading() as reads:
            items = self.write(node.source, env)
            with self._looping(node, "x0", env) as inner:
                condition = self.formula(node.body, inner)
        if node.kind == "all":
            condition = negated(condition)
        if condition is False:
            return node.kind == "all"
        name, bit = self.stages.exists(items, (condition,), reads)
        column = self.column(name)
        found = Plain(f"(({column} & {self.sql.whole(bit)}) <> 0)", column, bit)
        return found if node.kind == "exists" else negated(found)

    def _apply(self, node: t.Apply, env: Mapping[str, Bound]) -> str:
        name, args = node.function, node.args
        if name == "matches":
            return self._matches(node, args, env)
        if name in ("divide", "round"):
            return self._quotient(node, env)
        written = [self.write(a, env) for a in args]
        match name:
            case "startsWith":
                return self.sql.starts_with(*written)
            case "endsWith":
                return self.sql.ends_with(*written)
            case "contains":
                return self.sql.contains(*written)
            case "lowerAscii":
                return f"translate({written[0]}, '{_UPPER}', '{_UPPER.lower()}')"
            case "trim":
                return self.sql.trim(written[0], WHITE_SPACE)
            case "size":
                size = self.sql.count(written[0]) if args[0].type.item else f"length({written[0]})"
                return self.sql.bigint(size)
        assert name in ("sum", "min", "max")
        if len(written) > 1:
            return f"{'least' if name == 'min' else 'greatest'}({', '.join(written)})"
        item = args[0].type.item
        assert item is not None
        if name == "sum":
            total = f"COALESCE({self.sql.total(written[0], item)}, 0)"
            return self.sql.bigint(total) if self.sizes.of(node, self._items) < BIGINT else total
        return (self.sql.least if name == "min" else self.sql.greatest)(written[0], item)

    def _matches(self, node: t.Apply, args: tuple[t.Typed, ...], env: Mapping[str, Bound]) -> str:
        matches = self.sql.matches(self.write(args[0], env), self._pattern(args[1]))
        if matches is None:
            raise CannotSay(f"a pattern, which {self.sql.title} reads differently,", node)
        return matches

    def _pattern(self, node: t.Typed) -> str:
        """A pattern that does not depend on a version of Unicode, since DuckDB's RE2 may be older than ours."""
        if isinstance(node, t.ParameterRef):
            value: object = self.validated.policy.parameters[node.name].value
        else:
            value = node.value if isinstance(node, t.Const) else None
        if not isinstance(value, str):
            raise CannotSay("a pattern that is computed", node)
        if "\\p" in value or "\\P" in value or ("(?" in value and not value.isascii()):
            raise CannotSay("a pattern over classes of Unicode", node)
        return value

    def _quotient(self, node: t.Apply, env: Mapping[str, Bound]) -> str:
        """Exact division in 128 bits; see `engine.expression.arithmetic`."""
        self.sizes.of(node, self._items)
        *_, places, mode = node.args
        assert isinstance(places, t.Const) and isinstance(places.value, int) and isinstance(mode, t.Const)
        units = self.sql.wide(self.write(node.args[0], env))
        if node.function == "round":
            dividend, divisor = (
                self._shifted(units, -places.value),
                self.sql.whole(10 ** max(places.value, 0)),
            )
        else:
            if (
                self.sizes.of(node.args[1], self._items) * 10 ** max(-places.value, 0)
                >= 10**self.sql.most_digits
            ):
                raise CannotSay(f"numbers with more than {self.sql.most_digits} digits", node)
            dividend = self._shifted(units, places.value)
            divisor = self._shifted(self.sql.wide(self.write(node.args[1], env)), -places.value)
        a, b = self._let(dividend, env), self._let(f"NULLIF({divisor}, 0)", env)
        whole, rest = (
            self._let(self.sql.wide_over(f"abs({a})", f"abs({b})"), env),
            self._let(f"(abs({a}) % abs({b}))", env),
        )
        up = {
            "down": "FALSE",
            "up": f"{rest} > 0",
            "half_up": f"2 * {rest} >= abs({b})",
            "half_even": f"2 * {rest} > abs({b}) OR (2 * {rest} = abs({b}) AND {whole} % 2 = 1)",
        }[str(mode.value)]
        rounded = f"({whole} + CASE WHEN {up} THEN 1 ELSE 0 END)"
        signed = f"(CASE WHEN ({a} < 0) = ({b} < 0) THEN {rounded} ELSE -{rounded} END)"
        return self.sql.bigint(signed) if self.sizes.of(node, self._items) < BIGINT else signed

    def _shifted(self, units: str, places: int) -> str:
        return f"({units} * {self.sql.wide(str(10**places))})" if places > 0 else f"({units})"

    def _let(self, written: str, env: Mapping[str, Bound]) -> str:
        """A column for what is used more than once, or the expression itself inside a loop."""
        if any(isinstance(bound, str) for bound in env.values()):
            return written
        return self.column(self.stages.numbered(written, set(self.reads)))


def _has_loop(node: t.Typed) -> bool:
    return any(isinstance(part, t.Quantifier) for part in node.walk())
