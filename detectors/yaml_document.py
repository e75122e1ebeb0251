"""A YAML file of the lexicon as plain values that keep their places, read as strictly as a policy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 8


@dataclass(frozen=True, order=True)
class Problem:
    """Line and column begin at 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class LexiconError(ValueError):
    """The lexicon cannot be read; `problems` holds all that is wrong, in the order of files, lines and columns."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Place:
    line: int
    column: int


@dataclass(frozen=True)
class Text(Place):
    value: str


@dataclass(frozen=True)
class Items(Place):
    values: tuple[Text | Items | Fields, ...]


@dataclass(frozen=True)
class Fields(Place):
    values: dict[str, Text | Items | Fields]
    keys: dict[str, Text]


def read_document(path: Path) -> Fields:
    """The mapping that the file holds. Raises LexiconError with the first thing that is no plain YAML."""
    try:
        content = path.read_bytes()
        if len(content) > MAX_BYTES:
            raise _error(path, 1, 1, f"a file has at most {MAX_BYTES} bytes")
        text = content.decode()
        _refuse_unplain(path, text)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _error(path, line, column, (error.problem or "this is no YAML").lower()) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _error(path, 1, 1, f"the file cannot be read: {type(error).__name__}") from None
    if not isinstance(node, yaml.MappingNode):
        raise _error(path, 1, 1, "the file must be a mapping")
    fields = _value(path, node)
    assert isinstance(fields, Fields)
    return fields


def _refuse_unplain(path: Path, text: str) -> None:
    """Before anything is built: depth, anchors, aliases, tags and further documents."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if (
            isinstance(event, yaml.AliasEvent)
            or getattr(event, "anchor", None)
            or getattr(event, "tag", None)
        ):
            raise _error(path, line, column, "anchors, aliases and tags are not read")
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _error(path, line, column, f"values are nested at most {MAX_DEPTH} deep")
        if documents > 1:
            raise _error(path, line, column, "a file is one document")


def _value(path: Path, node: yaml.Node) -> Text | Items | Fields:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, yaml.SequenceNode):
        return Items(line, column, tuple(_value(path, item) for item in node.value))
    if not isinstance(node, yaml.MappingNode):
        return Text(line, column, str(node.value))
    values: dict[str, Text | Items | Fields] = {}
    keys: dict[str, Text] = {}
    for key, value in node.value:
        name = _value(path, key)
        if not isinstance(name, Text):
            raise _error(path, name.line, name.column, "a key must be a word")
        if name.value in values:
            raise _error(path, name.line, name.column, f"`{name.value}` is given twice")
        keys[name.value], values[name.value] = name, _value(path, value)
    return Fields(line, column, values, keys)


def _error(path: Path, line: int, column: int, message: str) -> LexiconError:
    return LexiconError([Problem(str(path), line, column, message)])
