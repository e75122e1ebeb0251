"""Pydantic's check is equally strict: both accept and refuse the same facts."""

import math
from datetime import datetime

import pytest
from pydantic_core import ValidationError

from benchmarks.peers.comity import bundle_of, version_of
from benchmarks.pydantic_check import pydantic_check
from benchmarks.workloads import POLICIES


def checks_of(number):
    version = version_of(bundle_of(POLICIES[number]))
    return pydantic_check(version.validated.policy.facts), version.facts_check.check


@pytest.mark.parametrize("number", range(len(POLICIES)), ids=lambda n: POLICIES[n].name)
def test_right_facts_come_out_the_same(number):
    theirs, ours = checks_of(number)
    for facts in POLICIES[number].samples(100):
        assert theirs(facts) == ours(facts)[0]


@pytest.mark.parametrize(
    ("number", "broken"),
    [
        (0, {"buyer_id": 1}),
        (0, {"buyer_id": "\ud800"}),
        (0, {"buyer_id": "x" * 8_193}),
        (0, {"already_reviewed": 1}),
        (0, {"confirmations": [{"party": "agent", "by": "a", "counterparty": "b", "product_id": "c"}]}),
        (0, {"confirmations": [{"party": "buyer", "by": "a", "counterparty": "b"}]}),
        (0, {"surplus": 1}),
        (1, {"signals": [{"category": "threat", "score": math.nan}]}),
        (1, {"signals": [{"category": "threat", "score": 1e301}]}),
        (1, {"signals": [{"category": "threat", "score": "0.5"}]}),
        (1, {"signals": [{"category": "threat", "score": 0.5}] * 1_001}),
        (2, {"closed_at": datetime(2026, 1, 1)}),  # noqa: DTZ001
        (2, {"closed_at": datetime.fromisoformat("2300-01-01T00:00:00Z")}),
        (2, {"status": None}),
    ],
    ids=repr,
)
def test_broken_facts_are_refused_by_both(number, broken):
    theirs, ours = checks_of(number)
    (facts,) = POLICIES[number].samples(1)
    given = {**facts, **broken}
    assert ours(given)[1] != ()
    with pytest.raises(ValidationError):
        theirs(given)
