"""The small words of a dozen languages, such as `the` and `und`; nearly every sentence has some."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from detectors.yaml_document import Items, Text, read_document


@cache
def function_words() -> Mapping[str, frozenset[str]]:
    """By the name of the language, in normalized spelling."""
    lists = {}
    for name, items in read_document(Path(__file__).with_name("function_words.yaml")).values.items():
        assert isinstance(items, Items)
        lists[name] = frozenset(item.value for item in items.values if isinstance(item, Text))
    return lists
