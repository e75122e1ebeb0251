"""Reads nodes as the values that a file must contain at a place, with a diagnostic otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from collections.abc import Mapping as Map
from dataclasses import replace
from pathlib import Path

from documents.diagnostics import Diagnostic, did_you_mean, nearest, shortened
from documents.nodes import MAX_PROBLEMS, Mapping, Node, Scalar, Sequence, parse_documents, read_plain
from documents.quoting import in_quotes
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
            if example and isinstance(node, Scalar) and re.fullmatch(r"[\w-]{1,40}", node.text):
                example = example.replace("…", node.text, 1)
            shape = f"such as `{example}`" if example else "write a name, a `:` and a value on each line"
            self.report(node, "not-a-mapping", message, without_dashes(node) or shape)
            return None
        if node.entries and all(v.start == v.end and k.text not in known for k, v in node.entries):
            example = self.examples.get(what.strip("`"))
            assigned = [_ASSIGNMENT.fullmatch(key.text) for key, _ in node.entries]
            names = ", ".join(f"{match[1]}: {match[2]}" for match in assigned if match)
            names = (
                names
                if all(assigned)
                else ", ".join(
                    f"{k}: {e.text}"
                    for k, (e, _) in zip([k for k in known if known[k]], node.entries, strict=False)
                )
            )
            hint = (
                f"write `{{{names}}}`"
                if names
                else f"such as `{example}`"
                if example
                else "write a `:` and a value behind each name"
            )
            self.report(node, "not-a-mapping", f"{what} needs a value for each key", hint)
            return None
        values: dict[str, Node] = {}
        meant: list[str | None] = []
        node = self._with_whole_texts(node, lambda part: self._may_be_key(part, known))
        for key, value in node.entries:
            if key.text in known:
                values[key.text] = value
            else:
                free = [k for k in known if node.get(k) is None]
                refused = self.refused.get(f"{what.strip('`')} {key.text}")
                word = None if refused else _glued(key, value, known) or self._meant(key.text, free)
                rewritten = self._rewritten(node, key, value, free)
                word = None if rewritten else word
                fix = rewritten or (f"did you mean `{word}`?" if word else self._refusal(key.text, what))
                fix = fix or self._unknown(node, key, value, what)
                if not fix and free:
                    others = "other keys" if len(free) < len(known) else "the keys"
                    fix = f"{others} here: " + ", ".join(f"`{k}`" for k in sorted(free))
                if " " in key.text and isinstance(value, Scalar) and value.start == value.end:
                    fix = "inside `{…}` a `,` ends a text: put the whole text in quotes"
                if word and key.text.startswith(word) and value.start == value.end:
                    rest = key.text[len(word) + 1 :].strip(" =:")
                    fix = f"write `{word}: {rest}`, with a space after the `:`"
                entry = Node(node.source, key.start, value.end) if rewritten else key
                self.report(entry, "unknown-key", f"unknown key `{key.text}` in {what}", fix)
                meant.append(word)
                if word and value.start != value.end:
                    values.setdefault(word, value)
        missing = [k for k, needed in known.items() if needed and k not in values and k not in meant]
        if missing:
            keys = ", ".join(f"`{k}`" for k in missing)
            message = f"{what} needs the key{'s' if missing[1:] else ''} {keys}"
            example = self.examples.get(f"{what.strip('`')} {missing[0]}") or self.examples.get(missing[0])
            self.report(node, "missing-key", message, f"add `{example or f'{missing[0]}: …'}`")
        return values

    def _may_be_key(self, part: str, known: Map[str, bool]) -> bool:
        word, *rest = re.split(r"[\s:=]+", part.strip(), maxsplit=1)
        if word == "at" and rest and not rest[0][:1].isdigit():
            return False
        return word in known or self._meant(part, list(known)) is not None or part in self.refused

    def _with_whole_texts(self, node: Mapping, may_be_key: Callable[[str], bool]) -> Mapping:
        """The mapping with the whole text of `{message: Sorry, not today.}`, of which YAML takes the part after the comma for a
        key without a value."""
        if all(value.start != value.end for _, value in node.entries):
            return node
        entries: list[tuple[Scalar, Node]] = []
        rest = list(node.entries)
        while rest:
            key, value = rest.pop(0)
            count = _parts_behind(value, rest)
            while count and may_be_key(rest[count - 1][0].text):
                count -= 1
            if count and isinstance(value, Scalar):
                written = node.source.text[value.start : rest[count - 1][0].end]
                value = Scalar(node.source, value.start, value.start + len(written), written, written, "")
                hint = (
                    f"write `{in_quotes(written)}`" if len(written) <= 200 else "put the whole text in quotes"
                )
                self.report(value, "yaml-comma", "inside `{…}` a `,` ends a text that is not in quotes", hint)
                del rest[:count]
            entries.append((key, value))
        return replace(node, entries=entries)

    def _meant(self, given: str, free: list[str]) -> str | None:
        """The key that an unknown one probably means, among those not given yet."""
        small = given.lower().replace("-", "_").replace(" ", "_")
        other = (k for k in free if small in self.elsewhere.get(k, ()))
        return next(other, None) or nearest(given, free)

    def _rewritten(self, node: Mapping, key: Scalar, value: Node, free: list[str]) -> str | None:
        """How to write an unknown key with its value, where other keys say the same."""
        return None

    def _unknown(self, node: Mapping, key: Scalar, value: Node, what: str) -> str | None:
        """What an unknown key may be that is like none of the known ones."""
        return None

    def _refusal(self, given: str, what: str) -> str | None:
        return self.refused.get(f"{what.strip('`')} {given}") or self.refused.get(given)

    def named(self, node: Node | None, what: str) -> list[tuple[str, Scalar, Node]]:
        """The entries of a mapping whose keys the owner chooses."""
        if node is None:
            return []
        if not isinstance(node, Mapping):
            example = self.examples.get(what.strip("`"))
            shape = f"such as `{example}`" if example else "write `name: value`, one on each line"
            hint = without_dashes(node) or _assignment(node) or shape
            self.report(node, "not-a-mapping", f"{what} must be a mapping of names to values", hint)
            return []
        node = self._with_whole_texts(node, lambda part: NAME.fullmatch(part) is not None)
        return [(key.text, key, value) for key, value in node.entries if self.is_name(key, what)]

    def is_name(self, node: Scalar, what: str = "") -> bool:
        if NAME.fullmatch(node.text) and node.text not in RESERVED:
            return True
        why = "is a word of the language" if node.text in RESERVED else "is not a name"
        hint = "names are lower-case letters, digits and `_`, and start with a letter"
        if node.text == "now" and what in ("`facts`", "`given`"):
            hint = (
                "delete it: the caller does not give the moment of the decision, and a case gives it as `at`"
            )
        elif node.text in RESERVED:
            hint = "choose another name"
        elif dotted := self._dotted(node.text, what):
            hint = dotted
        elif NAME.fullmatch(spelled := _BETWEEN.sub("_", node.text.strip()).lower()):
            hint = f"write `{spelled}`: {hint}"
        self.report(node, "bad-name", f"`{shortened(node.text)}` {why}", hint)
        return False

    def _dotted(self, name: str, what: str) -> str | None:
        """How to write a name with dots, where it means a field."""
        return None

    def text(self, node: Node | None, what: str) -> str | None:
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
            return node.value
        hint = "write a text after it, or delete the key"
        example = self.examples.get(what.strip("`"))
        if isinstance(node, Scalar) and example and (node.value is None or isinstance(node.value, bool)):
            hint = f"such as `{example}`"
        elif isinstance(node, Scalar) and node.text.strip():
            hint = f'quote it if it is meant as text: `"{node.text.strip()[:40]}"`'
        elif isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
            hint = _without_brackets(node.items[0])
        elif isinstance(node, Mapping) and len(node.entries) == 1 and isinstance(node.entries[0][1], Scalar):
            hint = _without_brackets(node.entries[0][1])
        elif isinstance(node, Sequence | Mapping):
            hint = "write one text, in quotes"
        self.report(node, "not-text", f"{what} must be text", hint)
        return None

    def flag(self, node: Node | None, what: str) -> bool:
        if node is None:
            return False
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        hint = _unquoted(node)
        if isinstance(node, Scalar) and node.value in (0, 1):
            hint = f"write `{str(bool(node.value)).lower()}`"
        hint = hint or "write one of the two, or delete the key"
        self.report(node, "not-a-boolean", f"{what} must be `true` or `false`", hint)
        return False

    def integer(self, node: Node | None, what: str, low: int, high: int) -> int | None:
        if node is None:
            return None
        if isinstance(node, Scalar) and type(node.value) is int and low <= node.value <= high:
            return node.value
        message = f"{what} must be a whole number from {low:,} to {high:,}"
        self.report(node, "not-an-integer", message, _whole_hint(node, low, high))
        return None

    def choice(
        self,
        node: Node | None,
        what: str,
        options: Iterable[str],
        meant: Map[str, str] | None = None,
        *,
        in_list: bool = False,
    ) -> str | None:
        """One of the options; `meant` has hints for other words that people write there.

        `in_list`: the node is an item of a list, in which a comma may be missing.
        """
        known = list(options)
        if node is None or self.full or not known:
            return None
        if isinstance(node, Scalar) and node.value in known:
            return str(node.value)
        shown = (
            f"`{shortened(node.text)}` is not {what}" if isinstance(node, Scalar) else f"this is not {what}"
        )
        if isinstance(node, Scalar) and not node.text.strip():
            shown = f"{what} is missing"
        one_of = "write one of them: " + ", ".join(f"`{word}`" for word in known[:12])
        hint = one_of
        if isinstance(node, Sequence) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
            hint = _without_brackets(node.items[0])
        if isinstance(node, Scalar):
            meant = meant or {}
            meaning = meant.get(node.text.lower(), meant.get(""))
            hint = did_you_mean(node.text, known) or one_of
            if meaning and nearest(node.text, known) is None:
                hint = meaning
            words = node.text.split()
            if in_list and len(words) > 1 and all(word in known for word in words):
                shown, hint = f"a `,` is missing in `{node.text[:80]}`", f"write `{', '.join(words)[:90]}`"
        self.report(node, "unknown-value", shown, hint)
        return None

    def items(
        self,
        node: Node | None,
        what: str,
        *,
        most: int | None = None,
        texts: bool = False,
        phrases: bool = False,
    ) -> list[Node]:
        """The items of a list. For the hint, `texts` says that they are texts, and `phrases` that they may have several words."""
        if node is None or self.full:
            return []
        if isinstance(node, Sequence):
            if most is not None and len(node.items) > most:
                self.report(node.items[most], "too-many-items", f"{what} has at most {most:,} items")
            return node.items[:most]
        hint = "write `[…]`, or one item a line, each after a `- `"
        if isinstance(node, Scalar) and phrases and (" " in node.text or not node.text.isalpha()):
            hint = "write each item on a line of its own, after a `- ` and in quotation marks"
        elif isinstance(node, Scalar) and node.text.strip():
            words = node.text[:60].replace(",", " ").replace("|", " ").split()
            quoted = (f'"{w}"' if texts and read_plain(w)[0] != w else w for w in words)
            hint = f"write `[{', '.join(quoted)}]`"
        elif isinstance(node, Mapping) and node.entries:
            names = [key.text for key, value in node.entries[:8]]
            if all(isinstance(value, Scalar) for _, value in node.entries):
                hint = f"write `[{', '.join(names)}]`"
            elif what == "`rows`" and all(isinstance(value, Sequence) for _, value in node.entries):
                key, cells = node.entries[0]
                written = cells.source.text[cells.start : cells.end].strip("[]")
                hint = f"begin each row with a `-`, and write its key into it: `- [{key.text}, {written}]`"
            elif all(isinstance(value, Mapping) for _, value in node.entries):
                first = "name" if what == "`cases`" else "id"
                hint = f"begin each item with a `-`: `- {first}: {names[0]}`, and its keys below"
        self.report(node, "not-a-list", f"{what} must be a list", hint)
        return []

    def words(self, node: Node | None, what: str) -> tuple[str, ...]:
        """A list of distinct words."""
        words: dict[str, None] = {}
        items = self.items(node, what, most=MAX_WORDS)
        unquoted = [i for i in items if isinstance(i, Scalar) and type(i.value) in (int, float, bool)]
        if node is not None and len(unquoted) > 1:
            listed = ", ".join(f'"{i.text}"' if isinstance(i, Scalar) else "…" for i in items[:12])
            self.report(node, "not-text", f"the items of {what} must be text", f"quote them: `[{listed}]`")
            return ()
        for item in items:
            word = self.text(item, f"each item of {what}")
            if word is not None and word in words:
                self.report(
                    item, "duplicate-item", f"`{word}` is given twice in {what}", "delete one of the two"
                )
            elif word is not None:
                words[word] = None
        return tuple(words)


def _parts_behind(value: Node, rest: list[tuple[Scalar, Node]]) -> int:
    """How many of the entries behind an unquoted text may be parts of it: keys without a value on the same line."""
    if not isinstance(value, Scalar) or value.style or not isinstance(value.value, str) or not value.text:
        return 0
    text, end, count = value.source.text, value.end, 0
    for key, empty in rest:
        between = text[end : key.start]
        if empty.start != empty.end or key.style or between.strip() != "," or "\n" in text[end : key.end]:
            break
        if text[key.end : key.end + 1] == ":":
            break
        end, count = key.end, count + 1
    return count


def _without_brackets(item: Scalar) -> str:
    written = item.source.text[item.start : item.end]
    if len(written) > 100 or "\n" in written:
        return "delete the brackets"
    return f"write `{written}`, without the brackets"


def _unquoted(node: Node) -> str | None:
    plain = isinstance(node, Scalar) and node.style in ("'", '"') and read_plain(node.text)[0] != node.text
    return "leave out the quotes" if plain else None


def _whole_hint(node: Node, low: int, high: int) -> str:
    if unquoted := _unquoted(node):
        return unquoted
    if not isinstance(node, Scalar):
        return f"write a number, such as `{low}`"
    if isinstance(node.value, float) and node.value.is_integer():
        return f"write `{int(node.value)}`"
    if isinstance(node.value, float) and low <= node.value < high:
        return f"write a whole number, such as `{int(node.value) + 1}`"
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        return f"write `{low}` or more" if node.value < low else f"write at most `{high}`"
    digits = re.fullmatch(r"[A-Za-z_ .]{0,12}([0-9]{1,6})", node.text)
    return (
        f"write `{digits[1]}`"
        if digits and low <= int(digits[1]) <= high
        else f"write a number, such as `{low}`"
    )


def _glued(key: Scalar, value: Node, known: Map[str, bool]) -> str | None:
    """The key of `type:int` or `type int`, which YAML takes for a key without a value inside `{…}`."""
    word = re.match(r"([a-z_]+)[: =][^ ]", key.text) if value.start == value.end else None
    return word[1] if word and word[1] in known and not key.style else None


def without_dashes(node: Node) -> str | None:
    """What to do with a list of one-key mappings that should be one mapping."""
    items = node.items if isinstance(node, Sequence) else []
    written = node.source.text[node.start : node.end]
    if items and written.startswith("[") and all(isinstance(i, Mapping) for i in items):
        texts = [node.source.text[item.start : item.end] for item in items]
        pairs = ", ".join(text[1:-1].strip() if text.startswith("{") else text for text in texts)
        short = "\n" not in written and len(written) <= 80
        return f"write `{{{pairs}}}`" if short else "leave out the `[` and `]`: this is a mapping, not a list"
    if len(items) == 1 and isinstance(items[0], Mapping):
        return "leave out the `- `: this is a mapping, not a list"
    if items and all(isinstance(i, Mapping) and len(i.entries) == 1 for i in items):
        return "leave out each `-`: this is a mapping, not a list"
    return None


_ASSIGNMENT = re.compile(r"([a-z][a-z0-9_]*)\s*(?:=|:=)\s*([^=].*)")


def _assignment(node: Node) -> str | None:
    """How to write `name = value`."""
    match = _ASSIGNMENT.fullmatch(node.text) if isinstance(node, Scalar) else None
    return f"write `{{{match[1]}: {match[2][:40]}}}`" if match else None


def is_unclear(node: Node | None) -> bool:
    """Whether a flag is given but was refused; problems that follow from it are then not reported."""
    return node is not None and not (isinstance(node, Scalar) and isinstance(node.value, bool))
