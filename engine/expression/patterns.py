"""Check that a pattern means the same in RE2 and in Rust's regex crate, so that a policy means the same in other engines.

RE2 alone accepts more: some characters are literals in RE2 and operators in another engine, or the reverse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_REPEAT = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_REPEATED_FLAGS = re.compile(r"(\(\?[a-zA-Z-]+\))[*+?{]")
_POSIX = re.compile(r"\[:\^?[a-z]+:\]")
_UNPORTABLE = {
    "<": ("`\\<` is the beginning of a word in some engines", "write `<`"),
    ">": ("`\\>` is the end of a word in some engines", "write `>`"),
    "Q": ("`\\Q` quotes in RE2 only", "escape each sign, such as `[.]`"),
    "E": ("`\\E` ends a quotation in RE2 only", "delete it"),
    "C": ("`\\C` is a byte, and half a character", "write `.`"),
}
_SET_OPERATORS = {
    "&&": "what two sets share",
    "--": "one set without another",
    "~~": "what is in one of two sets",
}


@dataclass(frozen=True, slots=True)
class Unportable:
    """The part of a pattern, from `start` to `end`, that engines interpret differently."""

    start: int
    end: int
    message: str
    hint: str


def unportable(pattern: str) -> Unportable | None:
    """The first part of an RE2 pattern that another engine would interpret differently, or None."""
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            problem = _escape(pattern, at)
            if problem is not None:
                return problem
            at = _after_escape(pattern, at)
        elif sign == "(" and (flags := _REPEATED_FLAGS.match(pattern, at)):
            return Unportable(
                at,
                flags.end(),
                f"`{flags[1]}` is repeated, which other engines refuse",
                "delete the repetition",
            )
        elif sign == "[":
            end, problem = _class(pattern, at)
            if problem is not None:
                return problem
            at = end
        elif sign == "{":
            repeat = _REPEAT.match(pattern, at)
            if repeat is None:
                return Unportable(
                    at, at + 1, "`{` begins a repetition in some engines", "write `[{]` for the sign"
                )
            at = repeat.end()
        else:
            at += 1
    return None


def _escape(pattern: str, at: int) -> Unportable | None:
    sign = pattern[at + 1 : at + 2]
    if sign in _UNPORTABLE:
        return Unportable(at, at + 2, *_UNPORTABLE[sign])
    if sign in "bB" and pattern[at + 2 : at + 3] == "{":
        return Unportable(
            at, at + 3, f"`\\{sign}{{` names a kind of boundary in some engines", f"write `\\{sign}` alone"
        )
    if sign in "pP" and pattern[at + 2 : at + 4] == "{^":
        return Unportable(
            at, at + 4, f"`\\{sign}{{^` is read by RE2 only", f"write `\\{'pP'[sign == 'p']}{{`"
        )
    if sign.isdigit():
        return Unportable(
            at, at + 2, "an octal escape is not read by all engines", "write `\\x` and two digits"
        )
    return None


def _after_escape(pattern: str, at: int) -> int:
    """The end of an escape; for `\\x{…}` and `\\p{…}`, the index after the brace."""
    sign = pattern[at + 1 : at + 2]
    if sign in "xpP" and pattern[at + 2 : at + 3] == "{":
        return pattern.index("}", at) + 1
    return at + 2


def _class(pattern: str, at: int) -> tuple[int, Unportable | None]:
    """The end of a character class, or what is wrong in it. A `]` right after the opening bracket is a literal."""
    here = at + 1 + (pattern[at + 1 : at + 2] == "^")
    first = here
    while pattern[here] != "]" or here == first:
        pair = pattern[here : here + 2]
        if pair in _SET_OPERATORS:
            message = f"`{pair}` in a class means {_SET_OPERATORS[pair]} in some engines"
            return here, Unportable(here, here + 2, message, f"give `{pair[0]}` once")
        if pattern[here] == "\\":
            problem = _escape(pattern, here)
            if problem is not None:
                return here, problem
            here = _after_escape(pattern, here)
        elif pattern[here] == "[":
            posix = _POSIX.match(pattern, here)
            if posix is None:
                message = "`[` in a class begins another class in some engines"
                return here, Unportable(here, here + 1, message, 'in r"…" write `\\[` for the sign')
            here = posix.end()
        else:
            here += 1
    return here + 1, None
