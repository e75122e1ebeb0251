"""Rewrites the YAML parser's errors so that a policy author knows what to type instead."""

from __future__ import annotations

import re

import yaml

from documents.diagnostics import Diagnostic
from documents.source import Source

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
    index, message, hint = _explain(source, problem, error.context or "", at, opened)
    return source.diagnostic(index, "yaml-syntax", message, hint)


def _explain(source: Source, problem: str, context: str, at: int, opened: int) -> tuple[int, str, str | None]:
    if "mapping values are not allowed" in problem:
        hint = (
            "quote the text if it holds `: `; otherwise check the indentation of this line and the one above"
        )
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
    if source.text[source.line_start(at) : at].strip():
        return at, "this does not belong after what stands before it", "put the whole text in quotes"
    if "block mapping" in context and source.text[at : at + 2] == "- ":
        hint = "delete the `-`, or indent the item below the key whose list it belongs to"
        return at, "an item of a list does not fit between the keys of a mapping", hint
    if "block mapping" in context or "block collection" in context or "simple key" in context:
        hint = "keys of one mapping start in the same column and end with `:`"
        return at, "this line does not fit the lines above", hint
    return at, problem, "check the indentation and the quotes around here"


_KEY = re.compile(r"([a-z_]+)(?::?(\s+)(\S.*))?")


def _missing_colon(source: Source, at: int) -> tuple[int, str, str]:
    """The parser reports a missing `:` only where it stopped looking for one, at least a line further down."""
    line = source.line_text(source.line_column(at)[0])[at - source.line_start(at) :]
    space = next((i for i, c in enumerate(line) if c.isspace() and c not in " \t"), None)
    if space is not None and line[:space].endswith((":", "-")):
        return at + space, _NO_PLAIN_SPACE.format(ord(line[space])), "type an ordinary space instead"
    key = _KEY.fullmatch(line)
    hint = (
        f"write `{key[1]}: {key[3] or '…'}`"
        if key
        else "write `key: value`, or put text of several lines in quotes"
    )
    return at, "a `:` is missing in this line", hint


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


def _special(source: Source, at: int) -> tuple[str, str]:
    character = source.text[at : at + 1] or " "
    if character == "\t":
        return "a tab is not allowed here", "indent with spaces"
    if character == "!":
        return "YAML reads an unquoted `!` as a tag", "quote the condition: '!…', or use `unless:`"
    shown = "a backtick" if character == "`" else f"`{character}`"
    return f"unquoted text cannot start with {shown}", "quote the text"
