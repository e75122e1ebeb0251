"""Takes the values of a YAML file apart, notes what does not fit, and goes on with what does."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from detectors.yaml_document import Fields, Items, Place, Problem, Text

Value = Text | Items | Fields

_WORD: Final = re.compile(r"[a-z0-9'*]+(?: [a-z0-9'*]+)*")


class FieldReader:
    """`file` is the one being read, for the problems."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.file = ""

    def share(self, value: Value) -> float | None:
        try:
            number = float(value.value) if isinstance(value, Text) else -1.0
        except ValueError:
            number = -1.0
        if 0.0 < number <= 1.0:
            return number
        self.problem(value, "a severity is a number above 0 and up to 1")
        return None

    def flag(self, fields: Fields, key: str) -> bool:
        value = fields.values.get(key)
        if value is None or (isinstance(value, Text) and value.value in ("true", "false")):
            return isinstance(value, Text) and value.value == "true"
        self.problem(value, f"`{key}` is `true` or `false`")
        return False

    def words(self, value: Value) -> list[Text]:
        if not isinstance(value, Items):
            self.problem(value, "words are a list")
            return []
        words = []
        for item in value.values:
            if isinstance(item, Text) and _WORD.fullmatch(item.value):
                words.append(item)
            else:
                self.problem(item, "a word or phrase holds small letters, digits, `'` and `*` only")
        return words

    def named(self, document: Fields, key: str) -> Iterable[tuple[Text, Value]]:
        value = document.values.get(key)
        if value is None:
            return []
        if not isinstance(value, Fields):
            self.problem(value, f"`{key}` is a mapping")
            return []
        return [(value.keys[name], item) for name, item in value.values.items()]

    def items(self, fields: Fields, key: str, *, required: bool = False) -> tuple[Value, ...]:
        value = fields.values.get(key)
        if isinstance(value, Items):
            return value.values
        if value is not None or required:
            self.problem(value or fields, f"`{key}` must be a list")
        return ()

    def fields(self, document: Fields, key: str, keys: tuple[str, ...]) -> Fields | None:
        value = document.values.get(key)
        if value is None:
            return None
        if not isinstance(value, Fields):
            self.problem(value, f"`{key}` is a mapping")
            return None
        self.check_keys(value, keys)
        return value

    def check_keys(self, fields: Fields, allowed: tuple[str, ...]) -> None:
        for name, key in fields.keys.items():
            if name not in allowed:
                near = difflib.get_close_matches(name, allowed, 1)
                self.problem(key, f"unknown key `{name}`" + (f"; did you mean `{near[0]}`?" if near else ""))

    def problem(self, place: Place, message: str) -> None:
        self.problems.append(Problem(self.file, place.line, place.column, message))
