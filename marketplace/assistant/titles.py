"""Making a title out of what somebody wrote: cleaned, without contact details, cut at whole words and whole graphemes.

What is too long, too short or generic is the policy's to say (naming.py). The same text gives the same title.
"""

import unicodedata
from typing import Final

import regex

READ: Final = 20_000
"""Characters of a text that are looked at; a message has 4,000 at most."""
MARKS: Final = 32
"""A grapheme of more code points is no character that anybody reads, and is left out as a whole."""
PASSES: Final = 4
"""Contact details do not hide any deeper in one another, and a hostile text must not make work without end."""
ELLIPSIS: Final = "…"

_SPACE: Final = regex.compile(r"[\s\u2800]+")
# Default-ignorable code points are those that draw nothing. Variation selectors belong to the emoji before them, and so
# does a joiner between two pictures.
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
_DATE: Final = regex.compile(r"\d{4}-\d\d-\d\d|\d\d?[./-]\d\d?[./-]\d{2,4}")
PLACEHOLDERS: Final = ("[email]", "[link]", "[handle]", "[phone]")


def clean(text: str) -> str:
    """On one line, what can be seen of it, in NFKC; empty where nothing can."""
    shown = _visible(unicodedata.normalize("NFKC", text[:READ].encode("utf-8", "ignore").decode()))
    shown = _visible(_redact(unicodedata.normalize("NFKC", shown)))
    return shown if _SEEN.search(shown) else ""


def _visible(text: str) -> str:
    text = _SPACE.sub(" ", _UNSEEN.sub("", _SPACE.sub(" ", text)))
    return "".join(g for g in _GRAPHEME.findall(text) if len(g) <= MARKS).strip()


def _redact(text: str) -> str:
    """More than once: what stood beside a number may be seen for what it is only when that is gone."""
    for _ in range(PASSES):
        redacted = _redact_once(text)
        if redacted == text:
            break
        text = redacted
    return text


def _redact_once(text: str) -> str:
    for pattern, placeholder in ((_EMAIL, "[email]"), (_LINK, "[link]"), (_HANDLE, "[handle]")):
        text = pattern.sub(placeholder, text)
    return str(_PHONE.sub(lambda found: "[phone]" if _is_phone(found.group()) else found.group(), text))


def _is_phone(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    dialled = text.startswith(("+", "(", "0"))
    return not _DATE.fullmatch(text) and digits >= (7 if dialled else 9)


def graphemes(text: str) -> list[str]:
    """Characters as people count them."""
    return list(_GRAPHEME.findall(text))


def words(cleaned: str) -> list[str]:
    """Without punctuation and without what stands where contact details stood."""
    for placeholder in PLACEHOLDERS:
        cleaned = cleaned.replace(placeholder, " ")
    return list(_WORD.findall(cleaned))


def cut(cleaned: str, most: int) -> str:
    """At most so many graphemes; what is cut ends with an ellipsis, after a whole word where there is one."""
    parts = graphemes(cleaned)
    if len(parts) <= most:
        return cleaned
    kept = "".join(parts[: most - 1])
    whole, space, _ = kept.rpartition(" ")
    if space and parts[most - 1] != " ":
        kept = whole
    return kept.rstrip(" ,;:-–—") + ELLIPSIS
