"""Rewrites the YAML parser's errors so that a policy author knows what to type instead."""

from __future__ import annotations

import re

import yaml

from documents.diagnostics import Diagnostic
from documents.quoting import in_quotes, is_in_brackets
from documents.source import Source
from documents.yaml_brackets import (
    Found,
    begins_with_bracket,
    behind_bracket,
    braces_missing,
    comment_in_braces,
    cut_call,
    end_of_text,
    text_in_braces,
)

MAX_DEPTH = 16
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
TOO_DEEP_HINT = "a policy needs far fewer levels"


def syntax_error(source: Source, error: yaml.YAMLError) -> Diagnostic:
    """A diagnostic for a parser error. It points to where the parser stopped, or to what was left open."""
    if not isinstance(error, yaml.MarkedYAMLError):
        message = "the YAML cannot be read"
        return source.diagnostic(0, "yaml-syntax", message, "look for control characters")
    problem = error.problem or "the YAML cannot be read"
    at = error.problem_mark.index if error.problem_mark else 0
    if "nesting depth" in problem:  # the parser looks ahead, and has its own limit
        return source.diagnostic(at, "too-deep", TOO_DEEP, TOO_DEEP_HINT)
    opened = error.context_mark.index if error.context_mark else at
    index, message, hint, *length = _explain(source, problem, error.context or "", at, opened)
    return source.diagnostic(index, "yaml-syntax", message, hint, length=length[0] if length else 1)


def _explain(source: Source, problem: str, context: str, at: int, opened: int) -> Found:
    if found := _separator(source, at) or cut_call(source, at, opened):
        return found
    if open_quote := _open_quote(source, at):
        return open_quote
    if ended := _ended_early(source, at, context):
        return ended
    if empty := _key_alone(source, at):
        return empty
    if "flow" in context and (text := text_in_braces(source, at) or comment_in_braces(source, opened, at)):
        return text
    if behind := behind_bracket(source, at):
        return behind
    if "mapping values are not allowed" in problem and (word := _word_above(source, at)):
        return word
    if "mapping values are not allowed" in problem and (deeper := _too_deep(source, at)):
        return deeper
    if "mapping values are not allowed" in problem:
        hint = (
            "quote the text if it holds `: `; otherwise check the indentation of this line and the one above"
        )
        if braces := braces_missing(source, at):
            return braces
        value = _PLAIN_VALUE.fullmatch(source.line_text(source.line_column(at)[0]))
        if (
            value
            and '"' not in value[1]
            and "\\" not in value[1]
            and at > source.line_start(at) + value.start(1)
        ):
            hint = f'quote the text: `"{value[1]}"`' if len(value[1]) <= 200 else "put the text in quotes"
        elif value and "'" not in value[1] and at > source.line_start(at) + value.start(1):
            hint = f"quote the text: `'{value[1]}'`" if len(value[1]) <= 200 else "put the text in quotes"
        return at, "a `:` is not allowed here", hint
    if "simple key" in context and "expected ':'" in problem:
        return _missing_colon(source, opened)
    negation = _NEGATION.search(source.text, source.line_start(at), at) if "anchor" in context else None
    if negation:
        return negation.start(1), *_special(source, negation.start(1))
    if source.text[at : at + 1] in ("]", "}"):
        return at, f"this `{source.text[at]}` closes nothing", "delete it, or open it before"
    if "<document start>" in problem:
        return at, "the policy has ended before this", "start another version with a line `---`"
    if "invalid Unicode" in problem:
        return at, "this escape spells no character", "write the character itself"
    if "quoted scalar" in context and "end of stream" in problem:
        return opened, "this quote is never closed", "close it with the same quote"
    if "unknown escape" in problem:
        return at, "this backslash escape is unknown", r"write `\\` for a backslash, or use single quotes"
    if "flow" in context and (unquoted := _unquoted(source, at)):
        return unquoted
    if "flow" in context and source.text[opened:at].strip() and "\n" not in source.text[opened:at]:
        return (
            at,
            "a `,` is missing before this",
            "separate entries with `,`, or put the whole text in quotes",
        )
    if "flow sequence" in context:
        return opened, "this `[` is never closed", "close it with `]`, and separate the items with `,`"
    if "flow mapping" in context or "flow node" in context:
        return opened, "this `{` or `[` is never closed", "close it, and separate the entries with `,`"
    special = source.text[at : at + 1] if "cannot start any token" in problem else ""
    if "anchor" in context or "alias" in context or "tag" in context or special:
        return opened if not special else at, *_special(source, opened if not special else at)
    if begun := begins_with_bracket(source, at):
        return begun
    if source.text[source.line_start(at) : at].strip():
        return at, "this cannot follow what is before it", "put the whole text in quotes"
    if listed := _list_or_mapping(source, problem, context, at, opened):
        return listed
    if "block mapping" in context and source.text[at : at + 2] == "- ":
        hint = "delete the `-`, or indent the item below the key whose list it belongs to"
        return at, "an item of a list does not fit between the keys of a mapping", hint
    if "block mapping" in context or "block collection" in context or "simple key" in context:
        return _other_column(source, at)
    return at, problem, "check the indentation and the quotes around here"


_PLAIN_VALUE = re.compile(r" *(?:- )?[A-Za-z_][\w-]*: +([^\s'\"\[{&*!|>%@`#].*?)\s*")
_SCALAR_START = re.compile(r"(?:^|[:\-\[{,])[ ]+(['\"])")
_OPERATOR = re.compile(r"\s*(?:[=!<>]=|[<>+\-.?]|&&|\|\||in\b)")


def _separator(source: Source, at: int) -> Found | None:
    """A line such as `----`, at which or before which the parser stopped."""
    number = source.line_column(at)[0]
    for line in (number, number - 1):
        text = source.line_text(line).rstrip() if line else ""
        behind = re.fullmatch(r"---\s+([^#\s].*)", text)
        if behind and number != line:
            start = source.line_starts[line - 1]
            return (
                start,
                "nothing may stand behind `---`",
                "write `---`, and what belongs there below",
                len(text),
            )
        if text == "...":
            return (
                source.line_starts[line - 1],
                "`...` ends the file",
                "write `---` if another version begins",
                3,
            )
        if len(text) > 1 and text != "---" and len(set(text)) == 1 and text[0] in "-*_=~#—–":
            start = source.line_starts[line - 1]
            return start, f"`{text[:20]}` separates no versions", "write `---`", len(text)
    return None


_QUOTE_OPENS = re.compile(r"\s*(?:- )?[\w-]+:\s+(?:(')(?:[^']|'')*|(\")(?:[^\"\\]|\\.)*)")


def _open_quote(source: Source, at: int) -> Found | None:
    """A quote that is not closed on its line, where the next line is another key: the text ends only at a later quote."""
    last = source.line_column(at)[0]
    for number in range(last - 1, max(0, last - 100), -1):
        line, below = source.line_text(number), source.line_text(number + 1)
        match = _QUOTE_OPENS.fullmatch(line.rstrip())
        deeper = len(below) - len(below.lstrip()) > len(line) - len(line.lstrip())
        if (
            match
            and (_has_key(below) or below.lstrip().startswith("- "))
            and (not deeper or line.lstrip().startswith("- "))
        ):
            opened = match.start(1) if match[1] else match.start(2)
            text = match.group()[opened + 1 :]
            sign = match[1] or match[2]
            hint = f"write `{sign}{text}{sign}`" if len(text) <= 200 else "close it with the same quote"
            return source.line_starts[number - 1] + opened, "this quote is never closed", hint, len(text) + 1
    return None


def _key_alone(source: Source, at: int) -> Found | None:
    """A key in braces whose value is missing although its colon is there, as in `{int:, min: 1}`."""
    number = source.line_column(at)[0]
    line, start = source.line_text(number), source.line_starts[number - 1]
    for match in re.finditer(r"(?<=[{,\s])([a-z_]+\??):(?=[,}\]])", line[:1_000]):
        if match.start() <= at - start <= match.end() + 1:
            shown = _as_entry(match[1])
            return (
                start + match.start(),
                f"a value is missing behind `{match[1]}:`",
                f"write `{shown}`",
                len(match[1]) + 1,
            )
    return None


def _as_entry(word: str) -> str:
    """A word that stands alone as a key with its value."""
    kind = f'"{word}"' if word.endswith("?") else word
    types = ("int", "bool", "string", "double", "duration", "timestamp")
    return f"type: {kind}" if word.removesuffix("?") in types else f"{word}: …"


def _word_above(source: Source, at: int) -> Found | None:
    """A word without a colon above a key in the same column, of which YAML makes one text."""
    number = source.line_column(at)[0]
    line, above = source.line_text(number), source.line_text(number - 1) if number > 1 else ""
    indent = len(line) - len(line.lstrip(" "))
    word = re.fullmatch(rf" {{{indent}}}([a-z_]+\??)\s*", above)
    if word is None or not _has_key(line):
        return None
    start = source.line_starts[number - 2] + indent
    return start, "a `:` is missing in this line", f"write `{_as_entry(word[1])}`", len(word[1])


def _other_column(source: Source, at: int) -> Found:
    """A line that begins in a column in which none of those above it begins."""
    number = source.line_column(at)[0]
    line = source.line_text(number)
    indent, key = len(line) - len(line.lstrip(" ")), line.split()[0] if line.split() else ""
    if match := re.match(r"(?:- )?([A-Za-z_][\w-]*):", line.strip()):
        key = match[1]
    above = next((n for n in range(number - 1, 0, -1) if _has_key(source.line_text(n))), 0)
    text = source.line_text(above) if above else ""
    column = len(text) - len(text.lstrip(" -"))
    if not above or not match or not 0 < abs(column - indent) <= 3:
        hint = "keys of one mapping start in the same column and end with `:`"
        return at, "this line begins in a column in which no line above begins", hint
    name = text.lstrip(" -").partition(":")[0]
    message = f"`{key}` begins in column {indent + 1}, and `{name}` on line {above} in column {column + 1}"
    return at, message, f"begin it in column {column + 1}, as `{name}` does", len(key)


def _has_key(line: str) -> bool:
    return re.match(r"\s*(?:- )*[A-Za-z_][\w-]*:", line) is not None


def _ended_early(source: Source, at: int, context: str) -> Found | None:
    """A quote within a text in quotes, such as that of `'can't'`, ends the text."""
    if "quoted scalar" in context:
        return None
    before = source.text[source.line_start(at) : at].rstrip()
    sign = before[-1:]
    opened = next((m for m in _SCALAR_START.finditer(before) if m[1] == sign), None)
    if sign not in ("'", '"') or opened is None or opened.start(1) == len(before) - 1:
        return None
    line = source.line_text(source.line_column(at)[0])
    rest = line[opened.start(1) :].rstrip()
    if is_in_brackets(source, source.line_start(at) + opened.start(1)):
        rest = rest[: end_of_text(rest, len(before) - opened.start(1))].rstrip()
    again = sign in line[len(before) :]
    if _OPERATOR.match(line, len(before)) or (line[len(before) : len(before) + 1] == " " and not again):
        other = '"' if sign == "'" else "'"
        hint = (
            f"write `{other}{rest}{other}`"
            if other not in rest and len(rest) <= 60
            else "put all of it in quotes"
        )
        return source.line_start(at) + opened.start(1), "the text ends at its second quote", hint, len(rest)
    last = line.rstrip().rfind(sign)
    inner = line[opened.end(1) : last]
    if (
        last >= len(before)
        and ('"' if sign == "'" else "'") not in inner
        and len(inner) <= 80
        and "\\" not in inner
    ):
        other = '"' if sign == "'" else "'"
        message = f"the `{sign}` in the middle ends this text"
        start = opened.start(1)
        return source.line_start(at) + start, message, f"write `{other}{inner}{other}`", last + 1 - start
    other, doubled = ('"', "''") if sign == "'" else ("'", '\\"')
    word = re.search(r"\S*$", before)
    behind = re.split(r"\s", line[len(before) :], maxsplit=1)[0]
    shown = ((word.group() if word else "") + behind)[:40]
    message = f"the `{sign}` in `{shown}` ends this text"
    start = len(before) - len(word.group()) if word else len(before)
    begun = before[max(start, opened.end(1)) : -1]
    rest = behind.rstrip(sign)
    hint = f"write `{begun}{doubled}{rest}`, or put `{other}` around the text"
    index = source.line_start(at) + len(before) - 1 - len(begun)
    return index, message, hint, len(begun) + 1 + len(rest)


_KEY_ONLY = re.compile(r"\s*(?:- )?([A-Za-z_][\w-]*)\s*")


def _too_deep(source: Source, at: int) -> tuple[int, str, str] | None:
    """A key that begins further right than the keys above it continues the text of the line before."""
    number, _ = source.line_column(at)
    key = _KEY_ONLY.fullmatch(source.text, source.line_start(at), at)
    if key is None:
        return None
    indent = key.start(1) - source.line_start(at)
    for line in range(number - 1, 0, -1):
        above = source.line_text(line)
        if not above.strip() or above.lstrip().startswith("#"):
            continue
        column = len(above) - len(above.lstrip(" -"))
        if column >= indent:
            return None
        message = f"`{key[1]}` is indented further than line {line}, so it continues the text there"
        return key.start(1), message, f"begin it in column {column + 1}, as line {line} does"
    return None


_MAPPINGS = frozenset(
    (
        *("facts", "parameters", "values", "conditions", "outputs", "set", "given", "fixtures", "with"),
        *("expect", "otherwise", "table", "list"),
    )
)
_LISTS = frozenset(["rules", "rows", "cases"])
_PARENT = re.compile(r"(?:- )?([a-z_]+):\s*(?:#.*)?")


def _list_or_mapping(source: Source, problem: str, context: str, at: int, opened: int) -> Found | None:
    """A `-` too many or too few, by what the key above takes."""
    line = source.line_text(source.line_column(at)[0])
    indent = len(line) - len(line.lstrip(" "))
    parent = _parent(source, source.line_column(at)[0], indent)
    text = line.strip()
    above = _item_beside(source, source.line_column(at)[0], indent) if text.startswith("- ") else None
    if above is not None:
        line_above, column = above
        message = f"this `-` stands in column {indent + 1}, and that on line {line_above} in column {column}"
        return at, message, "begin the items of a list in one column"
    if glued := re.match(r"-([a-z_]+:.*)", text):
        return at, "a space is missing after the `-`", f"write `- {glued[1]}`", len(text)
    if "block collection" in context and parent in _MAPPINGS:
        message = f"a `-` begins a list, and `{parent}` takes names with their values"
        return opened, message, "leave out the `- `"
    if "block collection" in context and parent in _LISTS and (key := re.match(r"([a-z_]+):", text)):
        item = _item_above(source, source.line_column(at)[0], indent)
        if item is not None and item != key[1]:
            message = f"`{key[1]}` begins further left than the keys of its item"
            return at, message, f"begin it in column {indent + 3}, as the keys above it"
    if "block collection" in context and parent in _LISTS and not text.startswith("-"):
        shown = f"write `- {text[:60]}`"
        return at, f"each item of `{parent}` begins with a `-`", shown, len(text[:60])
    if "block mapping" in context and text.startswith("- ") and parent in _LISTS:
        first = source.line_text(source.line_column(opened)[0]).strip()
        name = first.rstrip(":")
        named = {"rules": "id", "cases": "name"}.get(parent) if first.endswith(":") else None
        shown = f"- {named}: {name}" if named else f"- {first[:60]}"
        hint = f"write `{shown}`, and its keys below it"
        return opened, f"each item of `{parent}` begins with a `-`", hint, len(first)
    if "block mapping" in context and text.startswith("- ") and parent in _MAPPINGS:
        return at, f"a `-` begins a list, and `{parent}` takes names with their values", "leave out the `- `"
    return None


def _item_above(source: Source, number: int, indent: int) -> str | None:
    """The first key of the item above a line."""
    for line in range(number - 1, 0, -1):
        match = re.match(rf" {{{indent}}}- ([a-z_]+):", source.line_text(line))
        if match:
            return match[1]
    return None


def _item_beside(source: Source, number: int, indent: int) -> tuple[int, int] | None:
    """The line and column of the `-` directly above one that begins one to three columns further right or left."""
    line = next((n for n in range(number - 1, 0, -1) if source.line_text(n).strip()), 0)
    text = source.line_text(line) if line else ""
    column = len(text) - len(text.lstrip(" "))
    if not text.lstrip().startswith("- ") or not 0 < abs(column - indent) <= 3:
        return None
    inner = text.lstrip()[2:]
    return None if column < indent and re.match(r"[A-Za-z_]\w*:|- ", inner) else (line, column + 1)


def _parent(source: Source, number: int, indent: int) -> str | None:
    """The key whose value a line belongs to: the nearest line above that is indented less."""
    for line in range(number - 1, 0, -1):
        above = source.line_text(line)
        if above.strip() and len(above) - len(above.lstrip(" ")) < indent:
            match = _PARENT.fullmatch(above.strip())
            return match[1] if match else None
    return None


_KEY = re.compile(r"([a-z_]+)(?::?(\s+)(\S.*))?")


def _missing_colon(source: Source, at: int) -> Found:
    """The parser reports a missing `:` only where it stopped looking for one, at least a line further down."""
    line = source.line_text(source.line_column(at)[0])[at - source.line_start(at) :]
    space = next((i for i, c in enumerate(line) if c.isspace() and c not in " \t"), None)
    if space is not None and line[:space].endswith((":", "-")):
        return at + space, _NO_PLAIN_SPACE.format(ord(line[space])), "type an ordinary space instead"
    glued = re.fullmatch(r"([a-z_]+):([^\s:].*)", line)
    if glued:
        hint = f"write `{glued[1]}: {glued[2][:60]}`"
        return at, "a space is missing after the `:`", hint, len(line[: len(glued[1]) + 61])
    key = _KEY.fullmatch(line)
    if key:
        return at, "a `:` is missing in this line", f"write `{key[1]}: {key[3] or '…'}`", len(line.rstrip())
    return (
        at,
        "a `:` is missing in this line",
        "begin it with a key and a `:`, or put text of several lines in quotes",
    )


_NO_PLAIN_SPACE = "this space is U+{:04X}, which YAML does not take for a space"
_WORD_BEFORE = re.compile(r"[^\s,\[\]{}\"']+$")
_BRACKETED = re.compile(r"(\[[^\[\]\n]*\]|\{[^{}\n]*\})[^\s,\[\]{}]*")


def _unquoted(source: Source, at: int) -> tuple[int, str, str] | None:
    """Text such as `due[low]`: inside brackets, another bracket ends it."""
    word = _WORD_BEFORE.search(source.text, source.line_start(at), at)
    brackets = _BRACKETED.match(source.text, at)
    if word is None or brackets is None:
        return None
    text = word.group() + brackets.group()
    message = (
        f"the unquoted `{text[:40]}` holds `{source.text[at]}`, which YAML takes for a list or a mapping"
    )
    return word.start(), message, f'quote it: `"{text[:40]}"`'


_NEGATION = re.compile(r"[:\-\[{,] +(!)")


def _special(source: Source, at: int) -> tuple[str, str] | tuple[str, str, int]:
    character = source.text[at : at + 1] or " "
    if character == "\t":
        return "a tab is not allowed here", "indent with spaces"
    if character == "!":
        rest = source.line_text(source.line_column(at)[0])[at - source.line_start(at) :].strip()
        quoted = f"write `'{rest}'`" if "'" not in rest and len(rest) <= 80 else "put the condition in quotes"
        return "YAML reads an unquoted `!` as a tag", quoted
    shown = "a backtick" if character == "`" else f"`{character}`"
    line, begin = source.line_text(source.line_column(at)[0]), at - source.line_start(at)
    text = line[begin : end_of_text(line, begin) if is_in_brackets(source, at) else None].rstrip()
    if "`" in text or not 1 < len(text) <= 200:
        return f"unquoted text cannot start with {shown}", "put the whole text in quotes"
    return f"unquoted text cannot start with {shown}", f"write `{in_quotes(text)}`", len(text)
