"""Parameter values that a case assumes must match the types and bounds of the parameters."""

import pytest

from documents.nodes import Mapping, parse_documents
from documents.source import Source
from engine.policy.parameter_settings import with_settings
from tests.engine.mistakes import bundle


def problems_of(settings: str) -> list[tuple[str, str | None]]:
    [node], problems = parse_documents(Source("a.yaml", settings))
    assert problems == [] and isinstance(node, Mapping)
    policy = bundle().policies["tool_loan"].all[0].validated.policy
    _, diagnostics = with_settings(policy, {key.text: value for key, value in node.entries})
    return [(d.code, d.hint) for d in diagnostics]


@pytest.mark.parametrize("value", ["0d", "90d", "30d", "36h"])
def test_a_value_within_the_bounds_is_taken(value: str):
    assert problems_of(f"trial: {value}") == []


@pytest.mark.parametrize("value", ["91d", "400d"])
def test_a_value_beyond_the_bounds_is_refused_with_them(value: str):
    assert problems_of(f"trial: {value}") == [
        ("out-of-bounds", "keep to `0d` to `90d`, or change its bounds")
    ]


def test_a_value_of_another_type_and_an_unknown_name_are_refused():
    assert [code for code, _ in problems_of("trial: 3\ntrail: 3d")] == ["wrong-value", "unknown-name"]
