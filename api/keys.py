"""Parses the Idempotency-Key header: bare, as most clients send it, or quoted, as in the IETF draft."""

import re
from typing import Final

from api.problems import Problem

LONGEST: Final = 255
KEY_SYNTAX: Final = (
    f"1 to {LONGEST} visible ASCII characters without a comma or a double quote; "
    f"or a quoted string (RFC 9651) of 1 to {LONGEST} characters"
)
# Servers join repeated header lines with a comma, so a comma is allowed only within quotes.
_PLAIN: Final = r"[!#-+\--~]"
# RFC 9651, 3.3.3. Parameters are refused: the draft defines none, and two different keys must not become equal.
_IN_QUOTES: Final = r'(?:[ !#-\[\]-~]|\\["\\])'
_BARE: Final = re.compile(f"{_PLAIN}+")
_QUOTED: Final = re.compile(f'"({_IN_QUOTES}*)"')
WRITTEN: Final = f'^(?:{_PLAIN}{{1,{LONGEST}}}|"{_IN_QUOTES}{{1,{LONGEST}}}")$'
"""The pattern of the header, for the schema."""
_ESCAPE: Final = re.compile(r'\\(["\\])')


def read_key(written: str) -> str:
    """The key without quotes and escapes. Raises Problem."""
    quoted = _QUOTED.fullmatch(written)
    if quoted:
        key = _ESCAPE.sub(r"\1", quoted[1])
    elif _BARE.fullmatch(written):
        key = written
    elif "," in written:
        raise Problem("bad-request", "Send one Idempotency-Key; put a key with a comma in double quotes.")
    else:
        raise _unreadable()
    if not 1 <= len(key) <= LONGEST:
        raise _unreadable()
    return key


def _unreadable() -> Problem:
    return Problem("bad-request", f"An Idempotency-Key is {KEY_SYNTAX}.")
