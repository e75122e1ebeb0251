"""Inputs that a solver found: decided by the engine, made as small as possible, and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.backends.smt.model import plain
from engine.compiled import CompiledPolicy
from engine.decision import Decision
from engine.expression.quantity import to_datetime
from engine.expression.types import DAY, SECOND, Type
from engine.expression.values import to_json, to_python

PLAIN_NOW = 20_513 * DAY
"""2026-03-01T00:00:00Z."""
MAX_ROUNDS = 20
Holds = Callable[["Input"], bool]


@dataclass(frozen=True, slots=True)
class Input:
    """Facts and a moment in the engine's representation."""

    facts: Mapping[str, Any]
    now: int

    def given(self, types: Mapping[str, Type]) -> dict[str, Any]:
        """The facts as a caller gives them."""
        return {name: to_python(self.facts[name], type_) for name, type_ in types.items()}

    def shown(self, types: Mapping[str, Type]) -> dict[str, Any]:
        """The facts as JSON. Those that are null are left out."""
        facts = {name: to_json(value) for name, value in self.given(types).items()}
        return {name: value for name, value in facts.items() if value is not None}

    @property
    def moment(self) -> str:
        return str(to_json(to_datetime(self.now)))


def decide(version: CompiledPolicy, types: Mapping[str, Type], given: Input) -> Decision:
    """The engine's decision; facts that the version does not declare are ignored."""
    now = to_datetime(given.now)
    return version.decide(given.given(types), now=now, bundle_digest="", superset=True)


def smallest(given: Input, types: Mapping[str, Type], holds: Holds) -> Input:
    """Make an input smaller for as long as it keeps its property: drop items, then make values plain."""
    given = _with_plain_texts(_at_plain_time(given, types, holds), types, holds)
    for _ in range(MAX_ROUNDS):
        before = given
        for smaller in (_fewer_items, _plainer):
            for name, type_ in types.items():
                given = smaller(given, name, type_, holds)
        given = next((i for i in _other_moments(given) if holds(i)), given)
        if given == before:
            break
    return given


def _with(given: Input, name: str, value: Any) -> Input:
    return Input({**given.facts, name: value}, given.now)


def _at_plain_time(given: Input, types: Mapping[str, Type], holds: Holds) -> Input:
    """Move all moments together, so that the decision is made on a plain day."""
    by = PLAIN_NOW - given.now
    moved = {n: _moved(v, types[n], by) for n, v in given.facts.items()}
    later = Input(moved, PLAIN_NOW)
    return later if holds(later) else given


def _moved(value: Any, type_: Type, by: int) -> Any:
    if value is None:
        return None
    if type_.item is not None:
        item = type_.item
        return [_moved(v, item, by) for v in value]
    if type_.kind == "record":
        return {n: _moved(value[n], t, by) for n, t in type_.fields}
    return value + by if type_.kind == "timestamp" else value


def _with_plain_texts(given: Input, types: Mapping[str, Type], holds: Holds) -> Input:
    """Call the texts "1", "2" and so on, wherever the same one stands."""
    texts: dict[str, str] = {}
    for name, type_ in types.items():
        _replaced(given.facts[name], type_, lambda text: texts.setdefault(text, str(len(texts) + 1)))
    for names in (texts, *({text: plainer} for text, plainer in texts.items())):
        facts = {n: _replaced(v, types[n], lambda text, names=names: names.get(text, text))  # type: ignore[misc]
                 for n, v in given.facts.items()}  # fmt: skip
        if holds(renamed := Input(facts, given.now)):
            given = renamed
            if names is texts:
                break
    return given


def _replaced(value: Any, type_: Type, change: Callable[[str], str]) -> Any:
    if value is None:
        return None
    if type_.item is not None:
        item = type_.item
        return [_replaced(v, item, change) for v in value]
    if type_.kind == "record":
        return {n: _replaced(value[n], t, change) for n, t in type_.fields}
    return change(value) if type_.kind == "string" else value


def _other_moments(given: Input) -> Iterator[Input]:
    """Plainer moments, best first; ends at the one that it has."""
    for now in (PLAIN_NOW, *_rounded(given.now)):
        if now == given.now:
            return
        yield Input(given.facts, now)


def _fewer_items(given: Input, name: str, type_: Type, holds: Holds) -> Input:
    for changed in _dropped(given.facts[name], type_):
        if holds(smaller := _with(given, name, changed)):
            return _fewer_items(smaller, name, type_, holds)
    return given


def _dropped(value: Any, type_: Type) -> Iterator[Any]:
    """The value without one item of a list, for each item."""
    if value is None:
        return
    if type_.item is not None:
        for position in reversed(range(len(value))):
            yield value[:position] + value[position + 1 :]
        for position, item in enumerate(value):
            for changed in _dropped(item, type_.item):
                yield [*value[:position], changed, *value[position + 1 :]]
    elif type_.kind == "record":
        for field, inner in type_.fields:
            for changed in _dropped(value[field], inner):
                yield {**value, field: changed}


def _plainer(given: Input, name: str, type_: Type, holds: Holds) -> Input:
    """Set a fact, or each part of it, to the plainest value that keeps the property."""

    def try_value(value: Any) -> bool:
        nonlocal given
        if holds(smaller := _with(given, name, value)):
            given = smaller
            return True
        return False

    _simplify(given.facts[name], type_, given.now, try_value)
    return given


def _simplify(value: Any, type_: Type, now: int, accept: Callable[[Any], bool]) -> Any:
    """The plainest accepted value. `accept` is asked about values in the place of this one."""
    for candidate in _candidates(value, type_, now):
        if candidate == value and type(candidate) is type(value):
            return value
        if accept(candidate):
            return candidate
    if value is None:
        return value
    if type_.item is not None:
        items = list(value)
        for position, item in enumerate(items):

            def in_list(changed: Any, position: int = position) -> bool:
                return accept([*items[:position], changed, *items[position + 1 :]])

            items[position] = _simplify(item, type_.item, now, in_list)
        return items
    if type_.kind == "record":
        fields = dict(value)
        for field, inner in type_.fields:

            def in_record(changed: Any, field: str = field) -> bool:
                return accept({**fields, field: changed})

            fields[field] = _simplify(fields[field], inner, now, in_record)
        return fields
    return value


def _candidates(value: Any, type_: Type, now: int) -> Iterator[Any]:
    """Values to try instead of this one, the plainest first; those after the value itself are not plainer."""
    if type_.optional:
        yield None
    yield plain(type_)
    if value is None:
        return
    match type_.kind:
        case "string":
            yield from ("1", "2", "3", "4")
        case "enum":
            yield from type_.members
        case "int" | "decimal":
            yield from _nearer(value, type_)
        case "double":
            yield from (0.0, 0.5, 1.0, *(round(value, places) for places in (0, 1, 2, 3)))
        case "timestamp":
            yield now
            yield from (now + days * DAY for days in (-1, 1) if type_.within(now + days * DAY))
            yield from _rounded(value)
        case "duration":
            yield from _rounded(value)
    yield value


def _nearer(value: int, type_: Type) -> Iterator[int]:
    """Numbers nearer to zero."""
    for number in (0, 1, 2, 3, -1):
        if type_.within(number):
            yield number
    for power in range(18, -1, -1):
        unit = 10**power
        if unit < abs(value) and type_.within(value // unit * unit):
            yield value // unit * unit
    for step in (1, -1):
        if abs(value - step) < abs(value) and type_.within(value - step):
            yield value - step


def _rounded(value: int) -> Iterator[int]:
    for unit in (DAY, 3600 * SECOND, 60 * SECOND, SECOND, 1000):
        yield value // unit * unit
        yield -(-value // unit) * unit
