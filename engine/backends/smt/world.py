"""Facts as terms: variables for their values, and what the facts check guarantees about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.backends.smt.terms import Binder, ListName, Sort, Term, Terms
from engine.backends.smt.values import Record, Scalar, Source, Symbol
from engine.expression.types import MAX_DOUBLE, MAX_DURATION, MAX_INT, MAX_TIMESTAMP, Type

NOW = "now"
NULL = "?"
"""Ends the name of the variable that says whether a value is null."""
THERE = "!"
"""Ends the name of the variable that says whether an item is in its list."""
ITEM = "[]"
"""Stands for any item in the path of a type: `claims[].parts`."""
_POSITION = re.compile(r"\[[0-9]+\]")
_SORTS: Mapping[str, Sort] = {
    "bool": "bool", "int": "int", "decimal": "int", "timestamp": "int", "duration": "int",
    "double": "double", "string": "text", "enum": "text",
}  # fmt: skip


def sort_of(type_: Type) -> Sort:
    return _SORTS[type_.kind]


@dataclass(frozen=True, slots=True)
class World:
    """The variables of one question. `types` has the type of each variable and list by its path, without positions."""

    terms: Terms
    types: dict[str, Type]

    def fact(self, name: str, type_: Type) -> Symbol:
        """A fact, in the variables of its name."""

        def make(sort: Sort, path: str) -> Term:
            return self.terms.variable(sort, path)

        return self._symbol(name, type_, None, make)

    def item(self, of: ListName, depth: int, type_: Type) -> Symbol:
        """Any item of a list."""
        path = of[0] + ITEM
        binder: Binder = (of[0], depth)

        def make(sort: Sort, field: str) -> Term:
            return self.terms.item(sort, binder, field.removeprefix(path))

        return self._symbol(path, type_, binder, make)

    def _symbol(
        self, path: str, type_: Type, owner: Binder | None, make: Callable[[Sort, str], Term]
    ) -> Symbol:
        null = make("bool", path + NULL) if type_.optional else self.terms.false
        self.types[path] = type_
        if type_.kind == "record":
            return Record(null, {n: self._symbol(f"{path}.{n}", t, owner, make) for n, t in type_.fields})
        if type_.item is not None:
            return Source(null, (path, owner), type_.item)
        return Scalar(null, make(sort_of(type_), path))

    def domain(self, variables: Mapping[str, Term]) -> Iterator[Term]:
        """What the facts check guarantees about these variables."""
        for name, variable in variables.items():
            if not name.endswith((NULL, THERE)):
                yield from self._within(variable, self.type_of(name))

    def type_of(self, name: str) -> Type:
        """The type of a variable such as `claims[2].parts[0].size`, which is declared as `claims[].parts[].size`."""
        return Type("timestamp") if name == NOW else self.types[_POSITION.sub(ITEM, name)]

    def _within(self, variable: Term, type_: Type) -> Iterator[Term]:
        terms = self.terms
        if type_.kind == "enum":
            yield terms.or_(terms.eq(variable, terms.constant("text", m)) for m in type_.members)
        bounds = _BOUNDS.get(type_.kind)
        if bounds is not None:
            low, high = bounds
            low = low if type_.minimum is None else max(low, type_.minimum)
            high = high if type_.maximum is None else min(high, type_.maximum)
            sort = sort_of(type_)
            yield terms.le(terms.constant(sort, low), variable)
            yield terms.le(variable, terms.constant(sort, high))


_BOUNDS: Mapping[str, tuple[int | float, int | float]] = {
    "int": (-MAX_INT, MAX_INT),
    "decimal": (-MAX_INT, MAX_INT),
    "double": (-MAX_DOUBLE, MAX_DOUBLE),
    "timestamp": (0, MAX_TIMESTAMP),
    "duration": (0, MAX_DURATION),
}


def bounds_of(type_: Type) -> tuple[int, int] | None:
    """The least and greatest value of an exact number."""
    if type_.kind not in _BOUNDS or type_.kind == "double":
        return None
    low, high = _BOUNDS[type_.kind]
    low = low if type_.minimum is None else max(low, type_.minimum)
    high = high if type_.maximum is None else min(high, type_.maximum)
    return int(low), int(high)
