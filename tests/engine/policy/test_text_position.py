"""The position of a condition's characters in the file, in every YAML style."""

import pytest

from documents.nodes import Mapping, Scalar, parse_documents
from documents.source import Source
from engine.policy.text_position import index_of

MARK = "HERE"


def scalar_of(text: str) -> Scalar:
    documents, problems = parse_documents(Source("p.yaml", text))
    assert problems == []
    assert isinstance(documents[0], Mapping)
    value = documents[0].entries[0][1]
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    "text",
    [
        "a: x == HERE",
        "a:    x  ==   HERE",
        "a: 'x == HERE'",
        "a: 'x == ''y'' && HERE'",
        "a: '''HERE'''",
        'a: "x == HERE"',
        r'a: "x == \"y\" && HERE"',
        r'a: "\x41\u0042\U00000043 HERE"',
        r'a: "x\t==\ty\nHERE"',
        r'a: "x  \t HERE"',
        'a: "x \\\n   && HERE"',
        'a: "x\n\n\n  && HERE"',
        'a: "x   \n  && HERE"',
        r'a: "\\ \/ \_ HERE"',
        "a: x\n  && y\n  && HERE",
        "a: x\n\n\n  && HERE",
        "a: >-\n  x\n  && HERE",
        "a: >-\n\n  x\n\n    && HERE\n",
        "a: >2\n    x && HERE\n",
        "a: |\n  x\n    && HERE\n  more\n",
        "a: |+  # why\n  HERE\n\n",
        "a:\n  >-\n  x && HERE",
        "a: ünicode 🙂 HERE",
        "a: 'x\u00a0HERE'",
        "a: 'x\r\n  HERE'",
        "a: >-\r\n  x\r\n  HERE\r\n",
        'a: "x\r\n  HERE"',
        "a: {b: c}\n".replace("{b: c}", "HERE"),
    ],
)
def test_index_of_a_word(text: str) -> None:
    node = scalar_of(text)
    assert index_of(node, node.text.index(MARK)) == text.index(MARK)


@pytest.mark.parametrize("text", ["a: x", "a: 'x'", 'a: "x"', "a: |\n  x\n", "a: >-\n  x\n"])
def test_index_past_the_end_stays_in_the_scalar(text: str) -> None:
    node = scalar_of(text)
    assert node.start < index_of(node, len(node.text) + 5) <= node.end


def test_index_of_every_character_is_where_it_stands() -> None:
    text = r'a: "one \"two\" three\u0021"'
    node = scalar_of(text)
    characters = [text[index_of(node, n)] for n in range(len(node.text))]
    assert "".join(characters) == r"one \two\ three" + "\\"
