"""Detect contact details and links that lead off the platform or advertise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import re2

from detectors.lexicon import Lexicon
from detectors.reading import Reading
from detectors.signal import Signal

_MOST: Final = 20


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    return re2.compile(pattern.encode(), options)


# The rule, its severity, a character that every match has, and the pattern.
_KINDS: Final = (
    ("spam.email", "mild", "@", _compiled(r"[a-z0-9][a-z0-9._%+\-]*@[a-z0-9\-]+(?:\.[a-z0-9\-]+)+")),
    (
        "spam.phone",
        "mild",
        "",
        _compiled(
            r"(?:\+|\b00)[1-9][0-9]{0,2}[ ()/.\-]{0,2}[0-9](?:[ ()/.\-]{0,2}[0-9]){6,12}\b"
            r"|\b0[1-9][0-9]{1,4}[ /\-][0-9]{3,4}[ \-]?[0-9]{3,5}\b"
            r"|\(?\b[2-9][0-9]{2}\)?[ \-.][0-9]{3}[\-. ][0-9]{4}\b"
        ),
    ),
    (
        "spam.link",
        "mild",
        ".",
        _compiled(
            r"\b(?:t\.me|wa\.me|bit\.ly|tinyurl\.com|goo\.gl|discord\.gg|is\.gd|cutt\.ly)/[a-z0-9_+\-]+"
        ),
    ),
    ("spam.address", "low", ".", _compiled(r"\b(?:https?://|www\.)[a-z0-9\-]+(?:\.[a-z0-9\-]+)+[^ \n]*")),
)
CONTACTS: Final = tuple(rule for rule, *_ in _KINDS)


def contacts(reading: Reading, lexicon: Lexicon, detector: str) -> Iterator[Signal]:
    """Find contact details. A link alone gets a low score, since it may be a tracking page; separate rules match the offer around
    it."""
    text = reading.normalized
    if not (reading.distinct and any(mark in text for mark in "@./0123456789")):
        return
    plain = text.encode("ascii", "replace")
    for rule, severity, mark, pattern in _KINDS:
        if mark and mark not in text:
            continue
        for _, match in zip(range(_MOST), pattern.finditer(plain), strict=False):
            start, end = reading.span(*match.span())
            score = lexicon.severities[severity]["spam"]
            yield Signal("spam", score, start, end, detector, lexicon.version, rule)
