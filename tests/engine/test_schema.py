"""What editors know of policy and case files is what the loader reads."""

import json
from pathlib import Path

import pytest

from engine.expression.types import SCALARS
from engine.schema import case_schema, policy_schema


@pytest.mark.parametrize(("name", "made"), [("policy.json", policy_schema()), ("case.json", case_schema())])
def test_committed_schema_is_what_the_code_makes(name, made):
    assert json.loads((Path("policies/.schema") / name).read_text()) == made, "run `comity schema`"


def test_unknown_keys_are_refused_everywhere():
    policy = policy_schema()
    closed = [policy, *(policy["$defs"][name] for name in ("rule", "otherwise"))]
    assert [s["additionalProperties"] for s in closed] == [False, False, False]


def test_every_scalar_type_is_offered_with_and_without_null():
    short = policy_schema()["$defs"]["type"]["anyOf"][0]["enum"]
    assert short == [name + mark for name in SCALARS for mark in ("", "?")]
