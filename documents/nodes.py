"""Strict YAML: the C parser's events become nodes with a location, and features that policies may not use are refused.

The later stages of the C loader are never run: input can crash the process there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

import yaml

from documents.diagnostics import Diagnostic
from documents.quoting import in_quotes
from documents.source import Source
from documents.yaml_errors import MAX_DEPTH, TOO_DEEP, TOO_DEEP_HINT, syntax_error

MAX_PROBLEMS = 100
MAX_ENTRIES = 1_000
MAX_DOCUMENTS = 200
MAX_NODES = 150_000
MAX_INTEGER = 2**53


@dataclass(slots=True)
class Node:
    """A piece of YAML; `start` and `end` are indices into the source's text."""

    source: Source
    start: int
    end: int

    def diagnostic(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        return self.source.diagnostic(self.start, code, message, hint, length=self.width)

    @property
    def width(self) -> int:
        """The length that a caret underlines: up to the end of the node or of its first line."""
        text = self.source.text[self.start : self.end]
        return max(1, len(text.splitlines()[0].rstrip()) if text.strip() else 1)


@dataclass(slots=True)
class Scalar(Node):
    """A value; `text` is its source before it was parsed as null, boolean or number."""

    value: bool | int | float | str | None
    text: str
    style: str


@dataclass(slots=True)
class Sequence(Node):
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping(Node):
    entries: list[tuple[Scalar, Node]] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        return next((value for k, value in self.entries if k.value == key), None)


def _extent(event: yaml.Event) -> tuple[int, int]:
    assert event.start_mark is not None and event.end_mark is not None
    return event.start_mark.index, event.end_mark.index


class _Stop(Exception):
    """The rest of this file is not worth parsing."""


def parse_documents(source: Source, *, words: bool = False) -> tuple[list[Node], list[Diagnostic]]:
    """The documents of a file and all problems of its YAML; after a syntax error there are no documents.

    With `words`, text that looks like a boolean or a number but is none, such as `no`, stays text.
    """
    parser = _Parser(source, words)
    try:
        parser.run()
    except _Stop:
        parser.documents.clear()
    except yaml.YAMLError as error:
        parser.problems.append(syntax_error(source, error))
        parser.documents.clear()
    return parser.documents, parser.problems


class _Parser:
    def __init__(self, source: Source, words: bool) -> None:
        self.source = source
        self.words = words
        self.problems: list[Diagnostic] = []
        self.documents: list[Node] = []
        self.count = 0
        self.events: Iterator[yaml.Event] = yaml.parse(source.text, Loader=yaml.CSafeLoader)

    def run(self) -> None:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if event.version or event.tags:
                    self.refuse(event, "yaml-directive", "a `%` directive is not allowed", "delete the line")
                self.documents.append(self.node(next(self.events), 1))
                if len(self.documents) > MAX_DOCUMENTS:
                    self.give_up(event, f"the file holds more than {MAX_DOCUMENTS} documents")

    def node(self, event: yaml.Event, depth: int, *, is_key: bool = False, is_item: bool = False) -> Node:
        start, end = _extent(event)
        if depth > MAX_DEPTH:
            self.refuse(event, "too-deep", TOO_DEEP, TOO_DEEP_HINT)
            raise _Stop
        self.count += 1
        if self.count > MAX_NODES:
            self.give_up(event, f"the file holds more than {MAX_NODES:,} values")
        if isinstance(event, yaml.AliasEvent):
            hint = "quote it if it is text; otherwise write the value out"
            self.refuse(event, "yaml-alias", f"the alias `*{_clip(event.anchor or '')}` is not allowed", hint)
            return Scalar(self.source, start, end, None, "", "")
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        self.refuse_anchor_and_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, start, end, is_key)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(start, depth)
        return self.mapping(start, depth, "- " if is_item else "---" if depth == 1 else None)

    def refuse(self, event: yaml.Event, code: str, message: str, hint: str | None) -> None:
        start, end = _extent(event)
        self.report(self.source.diagnostic(start, code, message, hint, length=end - start))

    def give_up(self, event: yaml.Event, message: str) -> NoReturn:
        self.refuse(event, "too-much", message, "split it into one file per policy")
        raise _Stop

    def report(self, problem: Diagnostic) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def refuse_anchor_and_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            hint = "quote it if it is text; otherwise write the value out where it is needed"
            self.refuse(event, "yaml-anchor", f"the anchor `&{_clip(event.anchor)}` is not allowed", hint)
        tag = event.tag
        if tag is None:
            return
        if tag.startswith("!") and not tag.startswith("!!"):
            name = _clip(tag[1:])
            self.refuse(
                event, "yaml-tag", f"YAML reads the unquoted `!{name}` as a tag", self.quoted(event, name)
            )
        else:
            self.refuse(
                event, "yaml-tag", "a YAML tag is not allowed", "delete it; types come from the policy itself"
            )

    def quoted(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, name: str) -> str:
        """How to write a condition that begins with `!`."""
        start, end = _extent(event)
        text = self.source.text[start:end].strip()
        if "\n" in text or "'" in text or len(text) > 60:
            return "put the condition in quotes, or after `>-` on the next line"
        key = self.source.text[self.source.line_start(start) : start]
        alternative = f", or `unless: {name}`" if key.strip(" -") == "when:" and text == f"!{name}" else ""
        return f"write `'{text}'`{alternative}"

    def scalar(self, event: yaml.ScalarEvent, start: int, end: int, is_key: bool) -> Scalar:
        """A key is always text, whatever it looks like."""
        text = event.value
        if event.style:
            self.refuse_hidden(event, text)
            return Scalar(self.source, start, end, text, text, event.style)
        value, problem = (text, None) if is_key else read_plain(text)
        if problem and not (self.words and value == text) and not self.is_split(start):
            self.refuse(event, *problem)
        return Scalar(self.source, start, end, value, text, "")

    def is_split(self, start: int) -> bool:
        """Whether `00` is what YAML makes of the decimals of `100,00`; who reads the list reports its items."""
        return _SPLIT.search(self.source.text, max(0, start - 20), start) is not None

    def refuse_hidden(self, event: yaml.ScalarEvent, text: str) -> None:
        """Escapes can produce characters that the check of the source does not see."""
        if event.style == '"' and (match := _HIDDEN.search(text)):
            message = f"the escape spells U+{ord(match.group()):04X}, which cannot be seen and is not allowed"
            self.refuse(event, "invisible-character", message, "delete it")

    def sequence(self, start: int, depth: int) -> Sequence:
        node = Sequence(self.source, start, start)
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            node.items.append(self.node(event, depth + 1, is_item=True))
        node.end = _extent(event)[1]
        return node

    def mapping(self, start: int, depth: int, opening: str | None) -> Mapping:
        """`opening` is the key that starts a sibling mapping."""
        node = Mapping(self.source, start, start)
        seen: dict[str, Scalar] = {}
        ended = False
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            if key is None:
                continue
            if (
                node.entries
                and value.start == value.end
                and (joined := self.joined(node.entries[-1][1], key))
            ):
                node.entries[-1] = node.entries[-1][0], joined
                continue
            if key.text in seen:
                another = opening if key.text == next(iter(seen)) else None
                if not ended:
                    self.report(self.duplicate(key, seen[key.text], another))
                ended = ended or another is not None
                continue
            if len(seen) == MAX_ENTRIES:
                self.report(key.diagnostic("too-many-entries", f"a mapping has at most {MAX_ENTRIES:,} keys"))
                raise _Stop
            seen[key.text] = key
            node.entries.append((key, value))
        node.end = _extent(event)[1]
        return node

    def joined(self, value: Node, key: Scalar) -> Scalar | None:
        """The whole value of `{vat: 0,19}` or `{fee: min(a, b)}`, of which YAML takes the part after the comma for a key."""
        if not isinstance(value, Scalar) or value.style or key.style or key.end - value.start > _LONGEST:
            return None
        between, written = self.source.text[value.end : key.start], self.source.text[value.start : key.end]
        if between == "," and re.fullmatch(r"-?[0-9]+,[0-9]+", written):
            plain = written.replace(",", "" if re.fullmatch(r"-?[0-9]{1,3},[0-9]{3}", written) else ".")
            message = "inside `{…}` a `,` ends a value: a number has a point, and no comma"
            self.report(
                self.source.diagnostic(
                    value.start, "yaml-comma", message, f"write `{plain}`", length=len(written)
                )
            )
            return Scalar(self.source, value.start, key.end, read_plain(plain)[0], plain, "")
        opened = value.text.count("(") - value.text.count(")")
        if between.strip() != "," or "\n" in written or opened <= 0:
            return None
        if opened <= key.text.count(")") - key.text.count("("):
            message = "inside `{…}` a `,` ends a text that is not in quotes"
            hint = f"write `{in_quotes(written)}`"
            self.report(self.source.diagnostic(value.start, "yaml-comma", message, hint, length=len(written)))
        return Scalar(self.source, value.start, key.end, written, written, "")

    def key(self, event: yaml.Event, depth: int) -> Scalar | None:
        node = self.node(event, depth, is_key=True)
        if not isinstance(node, Scalar):
            hint = (
                "leave out one pair of braces" if isinstance(node, Mapping) else "write a name before the `:`"
            )
            self.report(node.diagnostic("yaml-key", "a key must be plain text", hint))
            return None
        if node.text == "<<" and not node.style:
            self.report(
                node.diagnostic("yaml-merge", "the merge key `<<` is not allowed", "write the keys out")
            )
            return None
        return node

    def duplicate(self, key: Scalar, first: Scalar, another: str | None) -> Diagnostic:
        """If the first key of a mapping is repeated, the marker of `another` one may be missing."""
        line, _ = self.source.line_column(first.start)
        hint = f"it is already on line {line}; delete one of the two"
        if another == "- ":
            hint += f", or begin another item with `- {key.text}:`"
        elif another == "---":
            hint = f"if another version begins here, put a line `---` above it; otherwise delete this, which line {line} has too"
        return key.diagnostic("duplicate-key", f"the key `{_clip(key.text)}` is given twice", hint)


_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_LONGEST = 300
"""The longest value whose commas are looked at."""
_SPLIT = re.compile(r"[\[,\s]-?[0-9]+,$")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_NUMBER_LIKE = re.compile(
    r"[-+]?(?:0[0-9_]+|0[xob][0-9a-fA-F_]+|[0-9]+(?:_[0-9]*)+|[0-9][0-9_]*\.?[eE][+-]?[0-9]+|\.[0-9]+|[0-9]+\.|\+[0-9.]+)"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_BOOLEAN_LIKE = frozenset(["yes", "no", "on", "off", "y", "n", "true", "false"])
_NULLS = frozenset(["", "null", "~"])

Problem = tuple[str, str, str | None]


def read_plain(text: str) -> tuple[bool | int | float | str | None, Problem | None]:
    """Parses an unquoted scalar: null, true, false, a decimal number, or text. Look-alikes are refused."""
    return _read_short(text) if len(text) <= 40 else _read(text)


@lru_cache(maxsize=4_096)
def _read_short(text: str) -> tuple[bool | int | float | str | None, Problem | None]:
    """The cells of a table repeat."""
    return _read(text)


def _read(text: str) -> tuple[bool | int | float | str | None, Problem | None]:
    if text in _NULLS:
        return None, None
    if text == "true" or text == "false":
        return text == "true", None
    if text.lower() in _BOOLEAN_LIKE:
        return text, _boolean_like(text)
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _NUMBER_LIKE.fullmatch(text):
        plain = _plain_number(text)
        hint = f"write `{plain}`, or quote it if it is text" if plain else "quote it if it is text"
        return text, ("ambiguous-number", f"`{_clip(text)}` is not a plain decimal number", hint)
    return text, None


def _plain_number(text: str) -> str | None:
    """A number in plain decimal notation. None if it is not finite, or may be an identifier such as `007`."""
    digits = text.replace("_", "").lower()
    if digits.lstrip("+-")[:2] in ("0x", "0o", "0b"):
        return (
            str(int(digits, 0))
            if re.fullmatch(r"[-+]?0(?:x[0-9a-f]{1,12}|o[0-7]{1,12}|b[01]{1,40})", digits)
            else None
        )
    if "e" in digits or "inf" in digits or "nan" in digits or digits.lstrip("+-").startswith("0"):
        return None
    plain = digits.removeprefix("+").removesuffix(".")
    return plain.replace(".", "0.", 1) if plain.lstrip("-").startswith(".") else plain


def _boolean_like(text: str) -> Problem:
    meant = "true" if text.lower() in ("yes", "on", "y", "true") else "false"
    return (
        "ambiguous-boolean",
        f"`{text}` is not a boolean",
        f'write `{meant}`, or "{text}" in quotes if it is text',
    )


def _integer(text: str) -> tuple[int, Problem | None]:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        hint = "quote it if it is an identifier"
        return 0, ("number-too-large", f"the number `{_clip(text)}` is outside ±2^53", hint)
    return int(text), None


def _float(text: str) -> tuple[float, Problem | None]:
    value = float(text)
    if abs(value) > 1e300:
        return 0.0, ("number-too-large", f"the number `{_clip(text)}` is outside ±1e300", None)
    return value, None


def _clip(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[:most] + "…"


def digest_of(document: Node) -> str:
    """Identifies the text of a version: any change gives another digest."""
    text = document.source.text[document.start : document.end].rstrip()
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
