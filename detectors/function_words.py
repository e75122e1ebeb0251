"""Function words of seventeen languages, such as `the` and `und`; nearly every sentence has some."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from documents.nodes import Mapping as Fields
from documents.nodes import Scalar, Sequence
from documents.reader import read_document


@cache
def function_words() -> Mapping[str, frozenset[str]]:
    """Language name to words, in normalized spelling."""
    path = Path(__file__).with_name("function_words.yaml")
    document, _ = read_document(path, path.name, words=True)
    assert isinstance(document, Fields)
    lists = {name.text: items for name, items in document.entries if isinstance(items, Sequence)}
    return {
        name: frozenset(item.text for item in items.items if isinstance(item, Scalar))
        for name, items in lists.items()
    }
