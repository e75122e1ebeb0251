"""A file of words takes for text what looks like a boolean or a number; nothing else becomes laxer."""

import pytest

from documents.nodes import Scalar, Sequence, parse_documents
from documents.reader import read_document
from documents.source import Source


def values(text, *, words):
    [document], problems = parse_documents(Source("w.yaml", text), words=words)
    assert isinstance(document, Sequence)
    return [item.value for item in document.items if isinstance(item, Scalar)], [p.code for p in problems]


def test_lookalikes_are_words_only_where_words_are_read():
    text = "[no, On, 0x1f, 1_0, true, 7, 0.5, null]"
    read = ["no", "On", "0x1f", "1_0", True, 7, 0.5, None]
    assert values(text, words=True) == (read, [])
    assert values(text, words=False) == (
        read,
        ["ambiguous-boolean", "ambiguous-boolean", "ambiguous-number", "ambiguous-number"],
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[&a x]", "yaml-anchor"),
        ("[!x y]", "yaml-tag"),
        ("[99999999999999999999]", "number-too-large"),
        (r'["a\u202Eb"]', "invisible-character"),
    ],
)
def test_nothing_else_becomes_laxer_with_words(text, code):
    assert values(text, words=True)[1] == [code]


def test_file_of_several_documents_is_refused(tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text("a: 1\n---\nb: 2\n")
    document, problems = read_document(path, "w.yaml")
    assert document is None
    assert [p.code for p in problems] == ["not-one-document"]
