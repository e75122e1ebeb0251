"""Finds words in an answer that must not be there."""

import re
from collections.abc import Iterable

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:[\d.]+")


def leaks(text: str, words: Iterable[str]) -> list[str]:
    """Those words that the text contains. Moments are left out, whose digits may be any, such as 10.995 seconds."""
    rest = MOMENT.sub("", text)
    return [word for word in words if word in rest]
