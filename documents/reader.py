"""Reads nodes as the values that a file must contain at a place, with a diagnostic otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Map
from pathlib import Path

from documents.diagnostics import Diagnostic, did_you_mean, nearest
from documents.nodes import MAX_PROBLEMS, Mapping, Node, Scalar, Sequence, parse_documents
from documents.source import read_source

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9_]+")
RULE_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
RESERVED = frozenset(
    [
        "now",
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)


MAX_WORDS = 1_000


def read_document(path: Path, name: str, *, words: bool = False) -> tuple[Node | None, list[Diagnostic]]:
    """The only document of a file, shown as `name`, or None and its problems. For `words` see `parse_documents`."""
    source, problems = read_source(path, name)
    if source is None or problems:
        return None, problems
    documents, problems = parse_documents(source, words=words)
    if not problems and len(documents) != 1:
        problems = [source.diagnostic(0, "not-one-document", "the file must hold one document")]
    return (None if problems else documents[0]), problems


class Reader:
    """Collects problems; every method returns None if the node is invalid."""

    elsewhere: Map[str, Collection[str]] = {}
    """Keys, with names that people use for them elsewhere."""
    refused: Map[str, str] = {}
    """Keys that people expect but that do not exist, with what to do instead."""
    examples: Map[str, str] = {}
    """How to write a missing key."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []

    @property
    def full(self) -> bool:
        """Whether there are so many problems that the rest is not worth reading."""
        return len(self.problems) >= MAX_PROBLEMS

    def report(self, node: Node, code: str, message: str, hint: str | None = None) -> None:
        if not self.full:
            self.problems.append(node.diagnostic(code, message, hint))

    def keys(self, node: Node | None, what: str, known: Map[str, bool]) -> dict[str, Node] | None:
        """The entries of a mapping with a fixed set of keys; True marks required ones."""
        if node is None or self.full:
            return None
        if not isinstance(node, Mapping):
            message = f"{what} must be a mapping of keys to values"
            example = self.examples.get(what.strip("`"))
            shape = f"such as `{example}`" if example else "write `key: value`, one on each line"
            self.report(node, "not-a-mapping", message, shape)
            return None
        values: dict[str, Node] = {}
        meant: list[str | None] = []
        for key, value in node.entries:
            if key.text in known:
                values[key.text] = value
            else:
                word = self._meant(key.text, [k for k in known if node.get(k) is None])
                hint = f"did you mean `{word}`?" if word else self.refused.get(key.text)
                hint = hint or did_you_mean(key.text, known)
                if " " in key.text and isinstance(value, Scalar) and value.start == value.end:
                    hint = "inside `{…}` a `,` ends a text: put the whole text in quotes"
                self.report(key, "unknown-key", f"unknown key `{key.text}` in {what}", hint)
                meant.append(word)
        missing = [k for k, needed in known.items() if needed and k not in values and k not in meant]
        if missing:
            keys = ", ".join(f"`{k}`" for k in missing)
            message = f"{what} needs the key{'s' if missing[1:] else ''} {keys}"
            hint = f"add `{self.examples.get(missing[0], f'{missing[0]}: …')}`"
            self.report(node, "missing-key", message, hint)
        return values

    def _meant(self, given: str, free: list[str]) -> str | None:
        """The key that an unknown one probably means, among those not given yet."""
        other = (k for k in free if given.lower() in self.elsewhere.get(k, ()))
        return nearest(given, free) or next(other, None)

    def named(self, node: Node | None, what: str) -> list[tuple[str, Scalar, Node]]:
        """The entries of a mapping whose keys the owner chooses."""
        if node is None:
            return []
        if not isinstance(node, Mapping):
            self.report(node, "not-a-mapping", f"{what} must be a mapping of names to values")
            return []
        return [(key.text, key, value) for key, value in node.entries if self.is_name(key)]

    def is_name(self, node: Scalar) -> bool:
        if NAME.fullmatch(node.text) and node.text not in RESERVED:
            return True
        why = "is a word of the language" if node.text in RESERVED else "is not a name"
        hint = "names are lower-case letters, digits and `_`, and start with a letter"
        if node.text in RESERVED:
            hint = "choose another name"
        elif NAME.fullmatch(spelled := _BETWEEN.sub("_", node.text.strip()).lower()):
            hint = f"write `{spelled}`: {hint}"
        self.report(node, "bad-name", f"`{node.text[:40]}` {why}", hint)
        return False

    def text(self, node: Node | None, what: str) -> str | None:
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
            return node.value
        hint = "write a text after it, or delete the key"
        if isinstance(node, Scalar) and node.text.strip():
            hint = "quote it if it is meant as text"
        self.report(node, "not-text", f"{what} must be text", hint)
        return None

    def flag(self, node: Node | None, what: str) -> bool:
        if node is None:
            return False
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.report(node, "not-a-boolean", f"{what} must be `true` or `false`", _unquoted(node))
        return False

    def integer(self, node: Node | None, what: str, low: int, high: int) -> int | None:
        if node is None:
            return None
        if isinstance(node, Scalar) and type(node.value) is int and low <= node.value <= high:
            return node.value
        message = f"{what} must be a whole number from {low:,} to {high:,}"
        hint = _unquoted(node)
        if isinstance(node, Scalar) and isinstance(node.value, float) and node.value.is_integer():
            hint = f"write `{int(node.value)}`"
        self.report(node, "not-an-integer", message, hint)
        return None

    def choice(self, node: Node | None, what: str, options: Iterable[str]) -> str | None:
        known = list(options)
        if node is None or self.full or not known:
            return None
        if isinstance(node, Scalar) and node.value in known:
            return str(node.value)
        shown = f"`{node.text[:40]}` is not {what}" if isinstance(node, Scalar) else f"this is not {what}"
        one_of = "write one of them: " + ", ".join(f"`{word}`" for word in known[:12])
        hint = did_you_mean(node.text, known) if isinstance(node, Scalar) else one_of
        self.report(node, "unknown-value", shown, hint)
        return None

    def items(self, node: Node | None, what: str, *, most: int | None = None) -> list[Node]:
        if node is None or self.full:
            return []
        if isinstance(node, Sequence):
            if most is not None and len(node.items) > most:
                self.report(node.items[most], "too-many-items", f"{what} has at most {most:,} items")
            return node.items[:most]
        hint = "write `[a, b]`, or one `- item` a line"
        if isinstance(node, Scalar) and node.text.strip():
            hint = f"write `[{', '.join(node.text[:60].replace(',', ' ').replace('|', ' ').split())}]`"
        self.report(node, "not-a-list", f"{what} must be a list", hint)
        return []

    def words(self, node: Node | None, what: str) -> tuple[str, ...]:
        """A list of distinct words."""
        words: dict[str, None] = {}
        for item in self.items(node, what, most=MAX_WORDS):
            word = self.text(item, f"each item of {what}")
            if word is not None and word in words:
                self.report(
                    item, "duplicate-item", f"`{word}` is given twice in {what}", "delete one of the two"
                )
            elif word is not None:
                words[word] = None
        return tuple(words)


def _unquoted(node: Node) -> str | None:
    return "leave out the quotes" if isinstance(node, Scalar) and node.style in ("'", '"') else None


def is_unclear(node: Node | None) -> bool:
    """Whether a flag is given but was refused; problems that follow from it are then not reported."""
    return node is not None and not (isinstance(node, Scalar) and isinstance(node.value, bool))
