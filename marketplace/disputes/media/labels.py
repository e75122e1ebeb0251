"""Turns an uploaded file name into a display label: no path, no invisible characters."""

import re
import unicodedata

MAX_LABEL = 100


def clean_label(name: str) -> str:
    """May be empty."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    shown = " ".join(shown.split()).strip(". ")
    if len(shown) <= MAX_LABEL:
        return shown
    stem, dot, extension = shown.rpartition(".")
    ending = dot + extension if dot and len(extension) <= 5 else ""
    return (stem or shown)[: MAX_LABEL - len(ending)] + ending
