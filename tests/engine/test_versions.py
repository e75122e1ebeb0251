"""Which version decides, to the microsecond and across time zone changes, and which times callers may pass."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from engine import PolicyNotInForce, UnknownPolicy
from tests.engine.policies import bundle_of

VERSION = """\
policy: fee
version: {version}
effective_from: {start}
facts: {{{facts}}}
outcomes: [free, paid]
on_error: paid
rules:
  - {{id: small, when: amount < {limit}, then: free}}
otherwise: {{id: large, then: paid}}
"""
STARTS = [
    "2024-02-29T00:00:00Z",
    "2026-03-29T01:00:00Z",
    "2026-10-25T02:30:00+02:00",
    "2028-01-01T00:00:00+14:00",
]


def fee(starts=STARTS, facts="amount: int"):
    texts = (VERSION.format(version=n, start=s, limit=n * 10, facts=facts) for n, s in enumerate(starts, 1))
    return bundle_of("---\n".join(texts))


BERLIN, AUCKLAND = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "version"),
    [
        (datetime(2024, 2, 29, tzinfo=UTC), 1),
        (datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC), 1),
        (datetime(2024, 3, 1, tzinfo=UTC), 1),
        (datetime(2026, 3, 29, 1, tzinfo=UTC) - TICK, 1),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), 2),
        (datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=BERLIN), 1),  # the last moment of winter time
        (datetime(2026, 3, 29, 3, tzinfo=BERLIN), 2),  # the first moment of summer time
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0), 3),  # half past two, the first time
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0).astimezone(UTC) - TICK, 2),
        (datetime(2026, 10, 25, 2, 0, tzinfo=BERLIN, fold=1), 3),  # two o'clock, the second time
        (datetime(2028, 1, 1, tzinfo=timezone(timedelta(hours=14))), 4),
        (datetime(2027, 12, 31, 10, tzinfo=UTC), 4),
        (datetime(2027, 12, 31, 9, 59, 59, 999999, tzinfo=UTC), 3),
        (datetime(2027, 12, 31, 23, tzinfo=AUCKLAND), 4),
        (datetime(2199, 12, 31, tzinfo=UTC), 4),
    ],
)
def test_version_in_force(at, version):
    assert fee().decide("fee", {"amount": 5}, now=at).version == version


def test_version_decides_by_its_own_rules():
    outcomes = [
        fee().decide("fee", {"amount": 15}, now=datetime(y, 6, 1, tzinfo=UTC)).outcome
        for y in (2024, 2026, 2028)
    ]
    assert outcomes == ["paid", "free", "free"]


def test_before_the_first_version_the_policy_is_not_in_force():
    with pytest.raises(PolicyNotInForce) as raised:
        fee().decide("fee", {"amount": 5}, now=datetime(2024, 2, 29, tzinfo=UTC) - TICK)
    assert raised.value.code == "policy_not_in_force"
    assert str(raised.value) == "the policy `fee` is not in force before 2024-02-29T00:00:00+00:00"


def test_naive_moment_is_refused():
    with pytest.raises(ValueError, match="`now` must be an aware datetime from 1970 to 2200"):
        fee().decide("fee", {"amount": 5}, now=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused


def test_policy_that_is_not_there():
    with pytest.raises(UnknownPolicy):
        fee().decide("fees", {}, now=datetime(2026, 1, 1, tzinfo=UTC))


def test_superset_of_facts_serves_a_version_that_asks_for_more():
    texts = [
        VERSION.format(version=1, start=STARTS[0], limit=10, facts="amount: int"),
        VERSION.format(version=2, start=STARTS[1], limit=20, facts="amount: int, country: string"),
    ]
    bundle = bundle_of("---\n".join(texts))
    facts = {"amount": 5, "country": "NZ"}
    before, after = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    assert bundle.decide("fee", facts, now=before).reason == "unknown-fact:country"
    assert bundle.decide("fee", facts, now=before, superset=True).rule == "small"
    assert bundle.decide("fee", facts, now=after, superset=True).rule == "small"
    assert bundle.decide("fee", {"amount": 5}, now=after, superset=True).reason == "missing-fact:country"
