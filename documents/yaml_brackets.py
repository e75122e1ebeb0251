"""What is wrong within braces and brackets, where YAML's parser only says what it did not expect."""

from __future__ import annotations

import re

from documents.quoting import in_quotes, is_in_brackets
from documents.source import Source

Found = tuple[int, str, str | None] | tuple[int, str, str | None, int]
"""The index, message and hint of a problem, and the length of what the hint replaces if that is more than a character."""


_PAIRS = re.compile(
    r" *(?:- )?([a-z_]\w*): +((?:([a-z]+\??), *)?[a-z_]+: +[^\s,:][^,:]*(?:, *[a-z_]+: +[^\s,:][^,:]*)*)"
)
_IN_BRACES = frozenset(
    ["set", "for_each", "otherwise", "expect", "given", "with", "outputs", "parameters", "facts"]
)


def braces_missing(source: Source, at: int) -> Found | None:
    """Pairs without braces, such as `age: int, min: 0, max: 130` or `set: fee: 5`."""
    number = source.line_column(at)[0]
    match = _PAIRS.fullmatch(source.line_text(number).rstrip())
    if match is None or not (match[3] or match[1] in _IN_BRACES):
        return None
    written = match[2]
    if match[3]:
        kind = f'"{match[3]}"' if match[3].endswith("?") else match[3]
        written = f"type: {kind}{written[len(match[3]) :]}"
    message = "several keys with their values on one line stand in braces"
    return source.line_starts[number - 1] + match.start(2), message, f"write `{{{written}}}`", len(match[2])


_CALL = re.compile(r"[:{\[,] +([a-z][\w.]*\()")


def cut_call(source: Source, at: int, opened: int) -> Found | None:
    """A call such as `{fee: round(fee, 2, "down")}`, which ends at its first comma."""
    number = source.line_column(at)[0]
    line, start = source.line_text(number), source.line_starts[number - 1]
    if len(line) > 1_000:
        return None
    for match in _CALL.finditer(line):
        end = _closing(line, match.end(1) - 1)
        call = line[match.start(1) : end]
        if (
            end
            and match.start(1) <= at - start <= end
            and "," in call
            and is_in_brackets(source, start + match.start(1))
        ):
            rest = re.match(r"[^,{}\[\]]*", line[end:])
            call += rest.group().rstrip() if rest else ""
            message = "inside `{…}` a `,` ends a text that is not in quotes"
            return start + match.start(1), message, f"write `{in_quotes(call)}`", len(call)
    return None


def _closing(line: str, opened: int) -> int | None:
    """The index after the bracket that closes the one at `opened`; None if it stays open."""
    depth = 0
    for match in re.finditer(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[()]", line[opened:]):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth == 0:
            return opened + match.end()
    return None


def behind_bracket(source: Source, at: int) -> Found | None:
    """A sign that cannot follow a closed list or mapping, such as the `?` of a type or a `,` at the end of a line."""
    start, sign = source.line_start(at), source.text[at : at + 1]
    closed = source.text[start:at].rstrip()[-1:]
    if sign not in ("?", ",", ";") or closed not in ("}", "]"):
        return None
    if sign != "?":
        ends_line = not source.line_text(source.line_column(at)[0])[at - start + 1 :].strip()
        message = f"no `{sign}` may follow the `{closed}` here"
        return (at, message, "delete it") if ends_line else None
    opened = _opened(source.text[start:at].rstrip())
    if opened is None:
        return None
    written = source.text[start + opened : at].rstrip()
    whole = (
        f"{written[:-1].rstrip()}, optional: true}}"
        if closed == "}"
        else f"{{enum: {written}, optional: true}}"
    )
    message = f"a type with `{closed}` is made optional by `optional: true`, not by a `?`"
    hint = f"write `{whole}`" if len(whole) <= 140 else "write `optional: true` within the braces instead"
    return start + opened, message, hint, at + 1 - start - opened


def _opened(line: str) -> int | None:
    """The index of the bracket that the last character of a line closes."""
    unquoted = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", lambda quoted: "_" * len(quoted.group()), line)
    depth = 0
    for index in range(len(unquoted) - 1, -1, -1):
        depth += {"}": 1, "]": 1, "{": -1, "[": -1}.get(unquoted[index], 0)
        if depth == 0:
            return index
    return None


_ENTRY = re.compile(r"[{,]\s*([\w-]+):\s+(?=[^\s'\"\[\]{}&*!|>%@`,])")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")


def text_in_braces(source: Source, at: int) -> Found | None:
    """A text such as that of `{message: Closed: come back later}`, in which a `: ` or a bracket makes no sense to YAML."""
    number = source.line_column(at)[0]
    line, start = source.line_text(number), source.line_starts[number - 1]
    sign = source.text[at : at + 1]
    if len(line) > 1_000 or sign not in (":", "{", "["):
        return None
    entries = [match for match in _ENTRY.finditer(line) if match.end() <= at - start]
    begun = [match.end() for match in entries]
    if not begun or "," in _QUOTED.sub("", line[begun[-1] : at - start]):
        return None
    text = line[begun[-1] : end_of_text(line, begun[-1])].rstrip()
    if start + begun[-1] + len(text) <= at or len(text) > 200:
        return None
    if separated := re.fullmatch(r"([^:;]+);((?:\s*[a-z_]+:[^;]*;?)+)", text):
        shown = f"{separated[1]}," + re.sub(r";(\s*[a-z_]+:)", r",\1", separated[2])
        return start + begun[-1], "entries are separated by `,`, not by `;`", f"write `{shown}`", len(text)
    if entries[-1][1] in _SHORT and (glued := re.fullmatch(r"([^\s:]+)\s+([a-z_]+:.*)", text)):
        key = glued[2].partition(":")[0]
        message = f"a `,` is missing before `{key}`"
        return start + begun[-1], message, f"write `{glued[1]}, {glued[2]}`", len(text)
    shown = "`: `" if sign == ":" else f"`{sign}`"
    message = f"inside `{{…}}` a text that holds {shown} must be in quotes"
    return start + begun[-1], message, f"write `{in_quotes(text)}`", len(text)


_SHORT = frozenset(
    [
        *(
            "type",
            "decimal",
            "min",
            "max",
            "max_length",
            "max_items",
            "default",
            "optional",
            "show",
            "private",
        ),
        *("fixed", "id", "then", "status", "version", "value", "outcome", "rule"),
    ]
)
"""Keys whose value is a word or a number."""


def end_of_text(line: str, begin: int) -> int:
    """Where a text within braces ends: before the bracket that closes them, or before another key."""
    depth = 0
    unquoted = _QUOTED.sub(lambda quoted: "_" * len(quoted.group()), line[begin:])
    for match in re.finditer(r"[\[{\]}]|,\s*[a-z_]+:\s", unquoted):
        sign = match.group()
        if depth == 0 and sign not in "[{":
            return begin + match.start()
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign, 0)
    return len(line)


def comment_in_braces(source: Source, opened: int, at: int) -> Found | None:
    """A ` #` in a text within braces, which begins a comment, so that the brackets behind it close nothing."""
    number = source.line_column(opened)[0]
    line, start = source.line_text(number), source.line_starts[number - 1]
    if len(line) > 1_000:
        return None
    unquoted = _QUOTED.sub(lambda quoted: "_" * len(quoted.group()), line)
    sign = re.search(r"\s#", unquoted)
    if sign is None or "}" not in unquoted[sign.end() :] or at <= start + sign.start():
        return None
    begun = [match.end() for match in _ENTRY.finditer(line) if match.end() <= sign.start()]
    if not begun:
        return None
    text = line[begun[-1] : end_of_text(line, begun[-1])].rstrip()
    return start + begun[-1], "a ` #` begins a comment", f"write `{in_quotes(text)}`", len(text)


_BRACKET_START = re.compile(r"( *(?:- )?[A-Za-z_][\w-]*: +|(?: *- )+)([\[{].*\S)\s*")


def begins_with_bracket(source: Source, at: int) -> Found | None:
    """A text such as `{fee} must be paid`, of which YAML takes the beginning for a mapping or a list."""
    number = source.line_column(at)[0]
    value = _BRACKET_START.fullmatch(source.line_text(number))
    if value is None or source.line_starts[number - 1] + value.start(2) >= at:
        return None
    sign, text = value[2][0], value[2]
    message = (
        f"YAML takes the unquoted `{sign}` at the beginning for a {'mapping' if sign == '{' else 'list'}"
    )
    hint = f"write `{in_quotes(text)}`" if len(text) <= 100 else "put the whole text in quotes"
    return source.line_starts[number - 1] + value.start(2), message, hint, len(text)
