"""Derives a title from a message: cleaned, without contact details, cut at word and grapheme boundaries.

The policy decides what is too long, too short or generic (naming.py). Deterministic.
"""

import unicodedata
from typing import Final

import regex

READ: Final = 20_000
"""Only this many characters of a text are examined; a message has at most 4,000."""
MARKS: Final = 32
"""A grapheme with more code points than this is not readable text, and is dropped."""
PASSES: Final = 4
"""Contact details nest no deeper in practice, and hostile text must not cause unbounded work."""
ELLIPSIS: Final = "…"

_SPACE: Final = regex.compile(r"[\s\u2800]+")
# Default-ignorable code points are invisible. Variation selectors belong to the emoji before them, and joiners to the emoji
# around them.
_UNSEEN: Final = regex.compile(
    r"(?!(?<=\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?)\u200D(?=\p{Extended_Pictographic}))"
    r"(?![\uFE0E\uFE0F])[\p{C}\p{Default_Ignorable_Code_Point}]"
)
_SEEN: Final = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}]")
_GRAPHEME: Final = regex.compile(r"\X")
_WORD: Final = regex.compile(r"[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}]|['’](?=\p{L}))*")

_EMAIL: Final = regex.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LINK: Final = regex.compile(
    r"(?i)\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)\S+|\b[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}/\S*"
)
_HANDLE: Final = regex.compile(r"(?<![\w@])@\w{3,}(?:[.@]\w+)*")
_PHONE: Final = regex.compile(r"(?<![\w.,/-])(?:\+|\(\+?)?\d[\d ().\-/]{5,22}\d(?![\w])")

_YEAR: Final = r"(?:19|20)\d\d"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_TIME: Final = r"(?:[01]?\d|2[0-3])(?:\.?[0-5]\d)?"
_DATE: Final = "|".join(
    rf"{first}{mark}{second}{mark}{third}"
    for mark in ("-", r"\.", "/")
    for first, second, third in (
        (_YEAR, _MONTH, _DAY),
        (_DAY, _MONTH, rf"(?:{_YEAR}|\d\d)"),
        (_MONTH, _DAY, _YEAR),
    )
)
_BETWEEN: Final = r"(?: ?[-/] ?| )"
_SEASON: Final = rf"{_YEAR}(?:[-/](?:{_YEAR}|\d\d))*"
_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_NO_PHONE: Final = regex.compile(
    rf"(?:[0-5]\d )?(?:{_DATE})(?:{_BETWEEN}(?:{_DATE}|{_TIME})){{0,2}}"  # the minutes of a time before the date
    rf"|{_SEASON}(?:{_BETWEEN}{_SEASON})*"
    rf"|{_OCTET}(?:\.{_OCTET}){{3}}(?:-\d{{1,3}})?"  # an IP address or range
    r"|[1-9]\d{1,3}(?: ?/ ?[1-9]\d{1,3}){2}"  # width, depth, height
)
_MEASURES: Final = regex.compile(r"[1-9]\d{0,3}(?:(?: - |[ /-])[1-9]\d{0,3}){2}")
_AMERICAN: Final = regex.compile(r"\d{3}\D\d{3}\D\d{4}")
_UNIT: Final = r"(?i:mm|cm|m|in|inch|inches|ft|kg|g|ml|l)"
_UNIT_BEFORE: Final = regex.compile(rf"\b{_UNIT}:? $")
_UNIT_AFTER: Final = regex.compile(rf" ?{_UNIT}\b")
_ISBN_BEFORE: Final = regex.compile(r"(?i)\bisbn(?:-1[03])?:? ?$")
_CHECK_X: Final = regex.compile(r"[- ]?[Xx]\b")
_NEAR: Final = 12
"""Characters around a number that show its meaning."""
PLACEHOLDERS: Final = ("[email]", "[link]", "[handle]", "[phone]")


def clean(text: str) -> str:
    """The visible text on one line, in NFKC; may be empty."""
    shown = _visible(unicodedata.normalize("NFKC", text[:READ].encode("utf-8", "ignore").decode()))
    shown = _visible(_redact(unicodedata.normalize("NFKC", shown)))
    return shown if _SEEN.search(shown) else ""


def _visible(text: str) -> str:
    text = _SPACE.sub(" ", _UNSEEN.sub("", _SPACE.sub(" ", text)))
    return "".join(g for g in _GRAPHEME.findall(text) if len(g) <= MARKS).strip()


def _redact(text: str) -> str:
    """Repeats: removing one match may expose another."""
    for _ in range(PASSES):
        redacted = _redact_once(text)
        if redacted == text:
            break
        text = redacted
    return text


def _redact_once(text: str) -> str:
    for pattern, placeholder in ((_EMAIL, "[email]"), (_LINK, "[link]"), (_HANDLE, "[handle]")):
        text = pattern.sub(placeholder, text)
    return str(_PHONE.sub(lambda match: "[phone]" if _is_phone(match) else match.group(), text))


def _is_phone(match: regex.Match[str]) -> bool:
    text = match.group()
    digits = [character for character in text if character.isdigit()]
    dialled = text.startswith(("+", "(", "0"))
    if len(digits) < (7 if dialled else 9) or _NO_PHONE.fullmatch(text):
        return False
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    after = match.string[match.end() : match.end() + _NEAR]
    return not (_is_measure(text, before, after) or _is_isbn("".join(digits), before, after))


def _is_measure(text: str, before: str, after: str) -> bool:
    """Three numbers beside a unit, unless grouped like an American phone number."""
    beside = _UNIT_BEFORE.search(before) or _UNIT_AFTER.match(after)
    return bool(beside and _MEASURES.fullmatch(text) and not _AMERICAN.fullmatch(text))


def _is_isbn(digits: str, before: str, after: str) -> bool:
    """Checks the check digit. A tenth of all phone numbers would pass as an ISBN-10, so that one also needs "ISBN" before it."""
    if len(digits) == 13:
        weights = zip(map(int, digits), (1, 3) * 7, strict=False)
        return digits.startswith(("978", "979")) and sum(d * weight for d, weight in weights) % 10 == 0
    values = [int(d) for d in digits] + [10] * (len(digits) == 9 and _CHECK_X.match(after) is not None)
    named = len(values) == 10 and _ISBN_BEFORE.search(before)
    return (
        bool(named) and sum(v * weight for v, weight in zip(values, range(10, 0, -1), strict=True)) % 11 == 0
    )


def graphemes(text: str) -> list[str]:
    """User-perceived characters."""
    return list(_GRAPHEME.findall(text))


def words(cleaned: str) -> list[str]:
    """Words without punctuation and without redaction placeholders."""
    for placeholder in PLACEHOLDERS:
        cleaned = cleaned.replace(placeholder, " ")
    return list(_WORD.findall(cleaned))


def cut(cleaned: str, most: int) -> str:
    """At most `most` graphemes. A cut title ends with an ellipsis, after a whole word if possible."""
    parts = graphemes(cleaned)
    if len(parts) <= most:
        return cleaned
    kept = "".join(parts[: most - 1])
    whole, space, _ = kept.rpartition(" ")
    if space and parts[most - 1] != " ":
        kept = whole
    return kept.rstrip(" ,;:-–—") + ELLIPSIS
