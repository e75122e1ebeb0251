"""The word list that the package better-profanity ships, read as data; its module-wide state is never touched."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files


@cache
def shipped_words() -> frozenset[str]:
    """In small letters, and only what can stand in a normalized text: spellings such as `sh!t` are undone before."""
    text = (files("better_profanity") / "profanity_wordlist.txt").read_text(encoding="utf-8").lower()
    words = (word.replace("-", " ").strip() for word in text.splitlines())
    return frozenset(word for word in words if re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", word))
