"""The word list of the package better-profanity, read as data without touching its module-wide state."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def shipped_words() -> frozenset[str]:
    """In lower case, and only words that can occur in normalized text: spellings such as `sh!t` are decoded before matching."""
    text = (files("better_profanity") / "profanity_wordlist.txt").read_text(encoding="utf-8").lower()
    words = (word.replace("-", " ").strip() for word in text.splitlines())
    return frozenset(word for word in words if re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", word))
