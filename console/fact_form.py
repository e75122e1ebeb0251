"""A form made from the facts that a policy declares: reads what was submitted, and shows facts as fields.

Nothing is checked here. What cannot be read stays as it was written, and the engine says what is wrong with it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.http import QueryDict

from engine.expression.types import Type
from engine.handbook.page import type_words
from engine.policy.model import Fact

ITEMS: Final = 50
"""The number of records of a list that a form can have; longer lists are pasted as JSON."""
ABSENT: Final = object()
_INT = re.compile(r"-?[0-9]{1,16}")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
OFFSETS: Final = [
    *(f"-{hour:02}:00" for hour in range(12, 9, -1)),
    *(
        "-09:30",
        "-09:00",
        "-08:00",
        "-07:00",
        "-06:00",
        "-05:00",
        "-04:00",
        "-03:30",
        "-03:00",
        "-02:00",
        "-01:00",
    ),
    *(
        "+00:00",
        "+01:00",
        "+02:00",
        "+03:00",
        "+03:30",
        "+04:00",
        "+04:30",
        "+05:00",
        "+05:30",
        "+05:45",
        "+06:00",
    ),
    *(
        "+06:30",
        "+07:00",
        "+08:00",
        "+08:45",
        "+09:00",
        "+09:30",
        "+10:00",
        "+10:30",
        "+11:00",
        "+12:00",
        "+12:45",
    ),
    *("+13:00", "+13:45", "+14:00"),
]
"""All that are in use somewhere."""


@dataclass(frozen=True, slots=True)
class Field:
    """One fact, or a part of one. `kind` selects its control; `parts` are the fields of a record, or the items of a list."""

    name: str
    label: str
    kind: str
    words: str
    value: Any = ""
    options: tuple[str, ...] = ()
    parts: tuple["Field", ...] = ()
    optional: bool = False
    private: bool = False
    help: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        return f"fact-{self.name}"


def read_facts(declared: Mapping[str, Fact], posted: QueryDict) -> dict[str, Any]:
    """The facts of a submitted form. A required fact that was left empty is absent."""
    read = _Reading(posted)
    facts = {name: read.value(fact.type, name) for name, fact in declared.items()}
    return {name: value for name, value in facts.items() if value is not ABSENT}


def show_facts(
    declared: Mapping[str, Fact], facts: Mapping[str, Any], errors: Mapping[str, str]
) -> list[Field]:
    """Fields with the given facts. Private ones are shown empty. `errors` are by path, such as `signals[0].score`."""
    fields = []
    for name, fact in declared.items():
        given = ABSENT if fact.private else facts.get(name, ABSENT)
        shown = _show(fact.type, name, name, name, given, errors)
        fields.append(_with_help(shown, fact))
    return fields


def _with_help(field: Field, fact: Fact) -> Field:
    return Field(
        field.name, field.label, field.kind, field.words, field.value, field.options, field.parts, field.optional,
        fact.private, fact.help or "", field.error,
    )  # fmt: skip


class _Reading:
    def __init__(self, posted: QueryDict) -> None:
        self.posted = posted
        self.offset = posted.get("offset", "+00:00")
        self.added, self.removed = posted.get("add"), posted.get("remove")

    def value(self, type_: Type, name: str) -> Any:
        match type_.kind:
            case "record":
                return self._record(type_, name)
            case "list":
                return self._list(type_, name)
        text = self.posted.get(name)
        if text is None or (text == "" and (type_.optional or type_.kind != "string")):
            return None if type_.optional and text is not None else ABSENT
        return scalar(type_, text, self.offset)

    def _record(self, type_: Type, name: str) -> Any:
        if type_.optional and f"{name}?" not in self.posted:
            return None
        parts = {part: self.value(of, f"{name}.{part}") for part, of in type_.fields}
        return {part: value for part, value in parts.items() if value is not ABSENT}

    def _list(self, type_: Type, name: str) -> Any:
        item = type_.item
        assert item is not None
        if item.kind == "enum":
            return self.posted.getlist(name)
        if item.kind != "record":
            lines = self.posted.get(name, "").replace("\r\n", "\n").split("\n")
            return [scalar(item, line, self.offset) for line in lines if line.strip()]
        names = [f"{name}.{n}" for n in range(self._count(name))]
        return [self._record(item, each) for each in names if each != self.removed]

    def _count(self, name: str) -> int:
        text = self.posted.get(f"{name}#", "0")
        count = int(text) if re.fullmatch("[0-9]{1,3}", text) else 0
        return min(count + (self.added == name), ITEMS)


def scalar(type_: Type, text: str, offset: str = "+00:00") -> Any:
    """A value as JSON; what cannot be read stays text."""
    plain = text.strip()
    match type_.kind:
        case "bool" if plain in ("yes", "no"):
            return plain == "yes"
        case "int" if _INT.fullmatch(plain):
            return int(plain)
        case "double" if _NUMBER.fullmatch(plain):
            return float(plain)
        case "timestamp" if LOCAL.fullmatch(plain) and offset in OFFSETS:
            return f"{plain}{':00' if plain.count(':') == 1 else ''}{offset}"
        case "string":
            return text.replace("\r\n", "\n")
    return plain


def _show(type_: Type, name: str, path: str, label: str, given: Any, errors: Mapping[str, str]) -> Field:
    text = label.replace("_", " ")
    base: dict[str, Any] = {
        "words": type_words(type_),
        "optional": type_.optional,
        "error": errors.get(path, ""),
    }
    if type_.kind == "record":
        record = given if isinstance(given, dict) else {}
        parts = tuple(_parts(type_, name, path, record, errors))
        return Field(name, text, "record", value=isinstance(given, dict), parts=parts, **base)
    if type_.item is not None:
        return _show_list(type_.item, name, path, text, given, errors, base)
    options = ("yes", "no") if type_.kind == "bool" else type_.members
    kind = {
        "bool": "choice",
        "enum": "choice",
        "timestamp": "moment",
        "int": "number",
        "decimal": "number",
        "double": "number",
    }
    return Field(
        name, text, kind.get(type_.kind, "text"), value=_written(type_, given), options=options, **base
    )


def _show_list(
    item: Type, name: str, path: str, text: str, given: Any, errors: Mapping[str, str], base: dict[str, Any]
) -> Field:
    values = given if isinstance(given, list) else []
    if item.kind == "record":
        parts = tuple(
            _show(item, f"{name}.{n}", f"{path}[{n}]", f"{text} {n + 1}", value, errors)
            for n, value in enumerate(values[:ITEMS])
        )
        return Field(name, text, "records", parts=parts, **base)
    first = next(
        (message for place, message in errors.items() if place.startswith(f"{path}[")), base["error"]
    )
    base = {**base, "error": first}
    if item.kind == "enum":
        return Field(name, text, "choices", value=values, options=item.members, **base)
    lines = "\n".join("" if value is None else _written(item, value) for value in values)
    return Field(name, text, "lines", value=lines, **base)


def _parts(
    type_: Type, name: str, path: str, record: Mapping[str, Any], errors: Mapping[str, str]
) -> Iterator[Field]:
    for part, of in type_.fields:
        yield _show(of, f"{name}.{part}", f"{path}.{part}", part, record.get(part, ABSENT), errors)


def _written(type_: Type, given: Any) -> str:
    if given is ABSENT or given is None:
        return ""
    if isinstance(given, bool):
        return "yes" if given else "no"
    if type_.kind == "timestamp" and isinstance(given, str):
        return _local(given)
    return str(given)


def _local(text: str) -> str:
    """As the control wants it, in UTC, which the form then says."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    local = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return local.removesuffix(":00") if local.count(":") == 2 and "." not in local else local
