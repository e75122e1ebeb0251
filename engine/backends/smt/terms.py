"""Terms independent of any solver. Equal terms are one object, constants are folded, and quantifiers over lists are kept.

Texts and enums share one sort. Timestamps, durations and decimals are ints, as everywhere in the engine.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from engine.expression.functions import FUNCTIONS

Sort = Literal["bool", "int", "double", "text"]
Binder = tuple[str, int]
"""A variable for an item: the path of its list, and how many quantifiers stand around it."""
ListName = tuple[str, Binder | None]
"""A list: its path, and the item that it is a field of."""
FOLDS = ("exists", "count", "sum", "min", "max")


class Term:
    """Built by `Terms` only, which makes equal terms identical."""

    __slots__ = ("args", "folds", "free", "number", "op", "sort", "value")

    def __init__(self, op: str, sort: Sort, args: tuple[Term, ...], value: Any, number: int) -> None:
        self.op, self.sort, self.args, self.value, self.number = op, sort, args, value, number
        self.folds: bool = op in FOLDS or any(a.folds for a in args)
        """Whether it quantifies over a list."""
        free = frozenset[Binder]().union(*(a.free for a in args))
        if op == "item":
            free |= {value[0]}
        elif op in FOLDS:
            (path, owner), depth = value
            free = free - {(path, depth)} | ({owner} if owner is not None else set())
        self.free: frozenset[Binder] = free

    def __repr__(self) -> str:
        inside = [repr(self.value)] if self.value is not None else []
        return f"{self.op}({', '.join([*inside, *map(repr, self.args)])})"


_FOLDED: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "fadd": operator.add,
    "fsub": operator.sub,
    "lt": operator.lt,
    "le": operator.le,
}


class Terms:
    """Creates terms."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Term] = {}
        self.true = self.constant("bool", True)
        self.false = self.constant("bool", False)

    def _term(self, op: str, sort: Sort, args: tuple[Term, ...] = (), value: Any = None) -> Term:
        key = (op, sort, type(value), value, *(a.number for a in args))
        term = self._known.get(key)
        if term is None:
            term = self._known[key] = Term(op, sort, args, value, len(self._known))
        return term

    def constant(self, sort: Sort, value: bool | int | float | str) -> Term:
        if sort == "double":
            value = float(value) + 0.0  # one zero: nothing in the language tells -0.0 from 0.0
        return self._term("constant", sort, (), value)

    def boolean(self, value: bool) -> Term:
        return self.true if value else self.false

    def integer(self, value: int) -> Term:
        return self.constant("int", value)

    def variable(self, sort: Sort, name: str) -> Term:
        return self._term("variable", sort, (), name)

    def item(self, sort: Sort, binder: Binder, field: str) -> Term:
        """A field of a list's item; `field` is empty for a plain item, and begins with a dot otherwise."""
        return self._term("item", sort, (), (binder, field))

    def not_(self, term: Term) -> Term:
        if term.op == "constant":
            return self.boolean(not term.value)
        if term.op == "not":
            return term.args[0]
        return self._term("not", "bool", (term,))

    def and_(self, terms: Iterable[Term]) -> Term:
        return self._joined("and", terms, self.true, self.false)

    def or_(self, terms: Iterable[Term]) -> Term:
        return self._joined("or", terms, self.false, self.true)

    def _joined(self, op: str, terms: Iterable[Term], neutral: Term, absorbing: Term) -> Term:
        parts: dict[Term, None] = {}
        for term in terms:
            for part in term.args if term.op == op else (term,):
                if part is absorbing or self.not_(part) in parts:
                    return absorbing
                if part is not neutral:
                    parts[part] = None
        if len(parts) < 2:
            return next(iter(parts), neutral)
        return self._term(op, "bool", tuple(parts))

    def implies(self, one: Term, other: Term) -> Term:
        return self.or_([self.not_(one), other])

    def eq(self, one: Term, other: Term) -> Term:
        if one is other:
            return self.true
        if one.op == other.op == "constant":
            return self.boolean(one.value == other.value)
        if one.sort == "bool":
            for left, right in ((one, other), (other, one)):
                if left.op == "constant":
                    return right if left.value else self.not_(right)
            if one.folds or other.folds:  # so that it is known which lists have to hold what
                neither = self.and_([self.not_(one), self.not_(other)])
                return self.or_([self.and_([one, other]), neither])
        for left, right in ((one, other), (other, one)):
            if left.op == "choice" and right.op == "constant":
                return self.or_(c for v, c in zip(left.value, left.args, strict=True) if v == right.value)
            if left.op == "ite" and right.op == "constant":
                condition, then, otherwise = left.args
                return self.or_(
                    [
                        self.and_([condition, self.eq(then, right)]),
                        self.and_([self.not_(condition), self.eq(otherwise, right)]),
                    ]
                )
        first, second = sorted((one, other), key=lambda term: term.number)
        return self._term("eq", "bool", (first, second))

    def lt(self, one: Term, other: Term) -> Term:
        return self._compared("lt", one, other, self.false)

    def le(self, one: Term, other: Term) -> Term:
        return self._compared("le", one, other, self.true)

    def _compared(self, op: str, one: Term, other: Term, same: Term) -> Term:
        if one is other:
            return same
        if one.op == other.op == "constant":
            return self.boolean(_FOLDED[op](one.value, other.value))
        return self._term(op, "bool", (one, other))

    def arithmetic(self, op: str, one: Term, other: Term) -> Term:
        """`add`, `sub` and `mul` of ints; `fadd` and `fsub` of doubles."""
        if one.op == other.op == "constant":
            return self.constant(one.sort, _FOLDED[op](one.value, other.value))
        if op in ("add", "sub") and other.op == "constant" and other.value == 0:
            return one
        if op == "mul":
            for factor, rest in ((one, other), (other, one)):
                if factor.op == "constant" and factor.value in (0, 1):
                    return rest if factor.value else factor
        return self._term(op, one.sort, (one, other))

    def add(self, one: Term, other: Term) -> Term:
        return self.arithmetic("add", one, other)

    def sub(self, one: Term, other: Term) -> Term:
        return self.arithmetic("sub", one, other)

    def mul(self, one: Term, other: Term) -> Term:
        return self.arithmetic("mul", one, other)

    def divmod(self, one: Term, other: Term) -> tuple[Term, Term]:
        """Quotient and remainder of a number that is not negative by a positive one."""
        if one.op == other.op == "constant" and other.value > 0:
            whole, rest = divmod(one.value, other.value)
            return self.integer(whole), self.integer(rest)
        return self._term("div", "int", (one, other)), self._term("mod", "int", (one, other))

    def ite(self, condition: Term, then: Term, otherwise: Term) -> Term:
        if condition.op == "constant":
            return then if condition.value else otherwise
        if then is otherwise:
            return then
        if then.sort == "bool":
            return self.and_([self.implies(condition, then), self.or_([condition, otherwise])])
        return self._term("ite", then.sort, (condition, then, otherwise))

    def choice(self, choices: Mapping[str, Term]) -> Term:
        """The text whose condition holds; always exactly one does."""
        return self._term("choice", "text", tuple(choices.values()), tuple(choices))

    def apply(self, function: str, sort: Sort, args: tuple[Term, ...]) -> Term:
        """A function on texts."""
        if all(a.op == "constant" for a in args):
            return self.constant(sort, FUNCTIONS[function].run(*(a.value for a in args)))
        return self._term("apply", sort, args, function)

    def exists(self, of: ListName, depth: int, body: Term) -> Term:
        """Whether the body holds for an item."""
        return self.false if body is self.false else self._term("exists", "bool", (body,), (of, depth))

    def count(self, of: ListName, depth: int, guard: Term) -> Term:
        """The number of items for which the guard holds."""
        return self.integer(0) if guard is self.false else self._term("count", "int", (guard,), (of, depth))

    def fold(self, op: str, of: ListName, depth: int, guard: Term, value: Term) -> Term:
        """The `sum`, `min` or `max` of a value over the items for which the guard holds."""
        return self._term(op, value.sort, (guard, value), (of, depth))

    def rebuilt(self, term: Term, args: tuple[Term, ...]) -> Term:
        """The same operation on other arguments, none of which quantifies."""
        match term.op:
            case "not":
                return self.not_(args[0])
            case "and":
                return self.and_(args)
            case "or":
                return self.or_(args)
            case "eq":
                return self.eq(*args)
            case "lt" | "le":
                return self._compared(term.op, args[0], args[1], self.boolean(term.op == "le"))
            case "ite":
                return self.ite(*args)
            case "choice":
                *others, last = (self.constant("text", text) for text in term.value)
                for condition, text in zip(args, others, strict=False):
                    last = self.ite(condition, text, last)
                return last
            case "div" | "mod":
                return self.divmod(*args)[term.op == "mod"]
            case "apply":
                return self.apply(term.value, term.sort, args)
        return self.arithmetic(term.op, *args)
