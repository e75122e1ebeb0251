"""Facts for durable-rules: one for the facts of a decision, and one for each item of a list that conditions search.

A fact contains only the properties that its questions test, including those of the items around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.backends.durable.ruleset import write_value
from engine.backends.durable.terms import ROOT, Level, Slot
from engine.backends.durable.texts import PROPERTIES


class Row:
    """The source of one durable-rules fact. `answers` maps the number of a question to its answer: whether it is true of this
    row, or for how many nested items it is true."""

    __slots__ = ("answers", "around", "value")

    def __init__(self, value: Any, around: Row | None) -> None:
        self.value = value
        self.around = around
        self.answers: dict[int, bool | int] = {}


class Rows:
    """The rows of one decision, created when a question first needs them."""

    def __init__(self, facts: Mapping[str, Any], now: int) -> None:
        self.now = now
        self._known: dict[Level, list[Row]] = {ROOT: [Row(facts, None)]}

    def at(self, level: Level) -> list[Row]:
        if level not in self._known:
            assert level.parent is not None and level.source is not None
            read = reader(level.source, level.parent)
            self._known[level] = [
                Row(item, row) for row in self.at(level.parent) for item in read(row, self.now) or ()
            ]
        return self._known[level]


Read = Callable[[Row, int], Any]


def reader(slot: Slot, level: Level) -> Read:
    """A function from a row of `level` to the value of the property, or None if it is absent."""
    up = level.depth - slot.level.depth
    read = _reader(slot)

    def from_around(row: Row, now: int) -> Any:
        for _ in range(up):
            assert row.around is not None
            row = row.around
        return read(row, now)

    return from_around if up else read


def _reader(slot: Slot) -> Read:
    match slot.source:
        case "now":
            return lambda row, now: now
        case "zero":
            return lambda row, now: 0
        case "holds" | "count":
            return lambda row, now: row.answers[slot.question]
    parts = slot.name.split(".") if slot.name else []
    functions = [PROPERTIES[f] for f in slot.functions]
    if slot.source == "size":
        functions = [len, *functions]

    def read(row: Row, now: int) -> Any:
        value = row.value
        for part in parts:
            value = None if value is None else value[part]
        for run in functions:
            value = None if value is None else run(value)
        return value

    return read


class Writer:
    """Write the properties that one ruleset tests."""

    def __init__(self, names: Mapping[Slot, str], level: Level) -> None:
        self._readers = [(name, reader(slot, level)) for slot, name in names.items()]

    def write(self, rows: Iterable[Row], now: int) -> list[str]:
        """Leave out nulls: durable-rules would compare them."""
        return ["".join(self._properties(row, now)) for row in rows]

    def _properties(self, row: Row, now: int) -> Iterable[str]:
        for name, read in self._readers:
            value = read(row, now)
            if value is not None:
                yield f',"{name}":{write_value(value)}'
