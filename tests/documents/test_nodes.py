"""With `words`, text that looks like a boolean or number stays text; nothing else becomes more lenient."""

import pytest

from documents.nodes import Scalar, Sequence, parse_documents
from documents.reader import read_document
from documents.source import Source, decode_source


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


@pytest.mark.parametrize("sign", ["\ufff9", "\ufffb", "\ufffe", "\uffff"])
def test_what_no_reviewer_can_see_is_refused_however_it_is_written(sign):
    """U+FFFE and U+FFFF are not allowed in XML either, so no report could quote them."""
    _, problems = decode_source(f"a: b{sign}\n".encode(), "a.yaml")
    assert [(p.code, p.column) for p in problems] == [("invisible-character", 5)]
    assert values(f'["\\u{ord(sign):04X}"]', words=False)[1] == ["invisible-character"]


def test_file_of_several_documents_is_refused(tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text("a: 1\n---\nb: 2\n")
    document, problems = read_document(path, "w.yaml")
    assert document is None
    assert [p.code for p in problems] == ["not-one-document"]
