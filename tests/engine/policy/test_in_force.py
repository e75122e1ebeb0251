"""Which version decides: corrections before scheduled versions, temporary versions, withdrawals, ties, and `in_force_by`."""

import random
from datetime import timedelta

import pytest

from engine import PolicyNotInForce
from engine.expression.quantity import to_datetime
from engine.policy.in_force import Period, gaps, periods
from tests.engine.generated.chance import FULL
from tests.engine.policies import bundle_of
from tests.engine.policy.histories import DAY, FIRST, Version, history, in_force

TICK = timedelta(microseconds=1)


def booking(*versions: Version):
    return bundle_of("---\n".join(v.text() for v in versions))


def deciding(bundle, day: float, *, booked: float | None = None, **facts):
    """The number of the version that decides on this day about somebody who booked on another."""
    now = to_datetime(FIRST + int(day * DAY))
    booked_at = to_datetime(FIRST + int((day if booked is None else booked) * DAY))
    return bundle.decide("booking", {"booked_at": booked_at, "amount": 1, **facts}, now=now).version


def day(number: float) -> int:
    return FIRST + int(number * DAY)


def test_correction_takes_effect_before_a_scheduled_version():
    bundle = booking(Version(1, day(0)), Version(2, day(100)), Version(3, day(50)))
    assert [deciding(bundle, d) for d in (0, 49, 50, 99, 100)] == [1, 1, 3, 3, 2]


def test_order_of_the_documents_does_not_matter():
    bundle = booking(Version(3, day(50)), Version(1, day(0)), Version(2, day(100)))
    assert [deciding(bundle, d) for d in (0, 49, 50, 99, 100)] == [1, 1, 3, 3, 2]


def test_older_version_returns_when_a_temporary_one_ends():
    bundle = booking(Version(1, day(0)), Version(2, day(10), day(17)))
    assert [deciding(bundle, d) for d in (9, 10, 16.99, 17, 30)] == [1, 2, 2, 1, 1]


def test_withdrawn_version_is_never_in_force():
    bundle = booking(Version(1, day(0)), Version(2, day(10), withdrawn=True))
    assert [deciding(bundle, d) for d in (0, 10, 20)] == [1, 1, 1]


def test_higher_number_wins_where_two_take_effect_together():
    bundle = booking(Version(2, day(0)), Version(1, day(0)))
    assert (deciding(bundle, 0), deciding(bundle, 5)) == (2, 2)
    assert [v.version for v in bundle.policies["booking"].deciding] == [2]


def test_gap_is_not_in_force_and_says_until_when():
    bundle = booking(Version(1, day(0), day(5)), Version(2, day(8), day(9)))
    for at, told in [
        (
            5,
            "the policy `booking` is not in force from 2026-01-06T00:00:00+00:00 until 2026-01-09T00:00:00+00:00",
        ),
        (9, "the policy `booking` is not in force from 2026-01-10T00:00:00+00:00 on"),
        (-1, "the policy `booking` is not in force before 2026-01-01T00:00:00+00:00"),
    ]:
        with pytest.raises(PolicyNotInForce) as raised:
            bundle.version_at("booking", to_datetime(day(at)))
        assert str(raised.value) == told


def test_who_booked_under_the_old_rules_keeps_them():
    bundle = booking(Version(1, day(0)), Version(2, day(10)))
    assert [deciding(bundle, 20, booked=b) for b in (0, 9.99, 10, 20)] == [1, 1, 2, 2]


def test_moment_in_the_future_does_not_choose_a_version_that_is_not_yet_in_force():
    bundle = booking(Version(1, day(0)), Version(2, day(10)))
    assert deciding(bundle, 5, booked=15) == 1


def test_now_stays_the_present_and_the_decision_names_the_moment_that_chose():
    bundle = booking(Version(1, day(0)), Version(2, day(10), revision=3))
    now, booked = to_datetime(day(20)), to_datetime(day(3))
    old = bundle.decide("booking", {"booked_at": booked, "amount": 1}, now=now)
    new = bundle.decide("booking", {"booked_at": now, "amount": 1}, now=now)
    assert (old.version, old.revision, old.evaluated_at, old.in_force_at) == (1, 0, now, booked)
    assert (new.version, new.revision, new.evaluated_at, new.in_force_at) == (2, 3, now, now)
    assert (old.to_dict()["revision"], old.to_dict()["in_force_at"]) == (0, "2026-01-04T00:00:00Z")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "missing-fact:booked_at"),
        ({"booked_at": None}, "null-fact:booked_at"),
        ({"booked_at": "yesterday"}, "bad-timestamp-fact:booked_at"),
        ({"booked_at": 5}, "mistyped-fact:booked_at"),
        ({"booked_at": "2025-12-31T23:59:59Z"}, "not-in-force-fact:booked_at"),
    ],
)
def test_fact_that_chooses_nothing_gives_on_error_of_the_version_in_force(given, reason):
    bundle = booking(Version(1, day(0)), Version(2, day(10)))
    decision = bundle.decide("booking", {"amount": 1, **given}, now=to_datetime(day(20)), explain=True)
    assert (decision.version, decision.rule, decision.outcome) == (2, "on-error", "paid")
    assert decision.reason == reason


@pytest.mark.parametrize("facts", [None, [], "booked_at"])
def test_facts_that_are_no_mapping_give_on_error_of_the_version_in_force(facts):
    decision = booking(Version(1, day(0)), Version(2, day(10))).decide(
        "booking", facts, now=to_datetime(day(20))
    )
    assert (decision.version, decision.rule) == (2, "on-error")


def test_booking_before_the_end_of_a_policy_is_decided_after_it():
    bundle = booking(Version(1, day(0), day(5)))
    assert deciding(bundle, 20, booked=4) == 1
    with pytest.raises(PolicyNotInForce):
        deciding(bundle, 20, booked=5)


def test_version_in_force_says_whether_older_bookings_keep_their_rules():
    one, two = Version(1, day(0)).text(), Version(2, day(10)).text()
    bundle = bundle_of(one + "---\n" + two.replace("in_force_by: booked_at\n", ""))
    assert [deciding(bundle, d, booked=0) for d in (5, 15)] == [1, 2]


def test_periods_and_gaps():
    versions = [
        v.validated.policy
        for v in booking(
            Version(1, day(0), day(5)),
            Version(2, day(1), day(3)),
            Version(3, day(8)),
            Version(4, day(9), withdrawn=True),
        )
        .policies["booking"]
        .all
    ]
    timeline = periods(versions)
    assert timeline == (
        Period(day(0), 1), Period(day(1), 2), Period(day(3), 1), Period(day(5), None), Period(day(8), 3),
    )  # fmt: skip
    assert gaps(timeline) == [(day(5), day(8))]


def test_generated_history_agrees_with_the_definition():
    """A history of 30 versions at 2,000 moments, and at 2,000 pairs of moments for `in_force_by`."""
    rng = random.Random(17)
    for _ in range(30 if FULL else 1):
        versions = history(rng, 30)
        bundle = booking(*versions)
        known = bundle.policies["booking"]
        days = [FIRST + rng.randrange(-2, 50) * DAY + rng.choice([-1, 0, 0, 1]) for _ in range(2_000)]
        undecided = 0
        for moment in days:
            wanted = in_force(versions, moment)
            try:
                got = known.at(to_datetime(moment)).version
            except PolicyNotInForce:
                got, undecided = None, undecided + 1
            assert got == (wanted.number if wanted else None), moment
        assert undecided < 1_000
        chosen_by_booking = 0
        for now, booked in zip(days, reversed(days), strict=True):
            wanted = in_force(versions, min(now, booked))
            current = in_force(versions, now)
            try:
                choice = known.choose({"booked_at": to_datetime(booked), "amount": 1}, to_datetime(now))
            except PolicyNotInForce:
                assert current is None
                assert wanted is None
                continue
            expected = wanted or current
            assert expected is not None
            assert (choice.version.version, choice.version.revision) == (expected.number, expected.revision)
            assert bool(choice.errors) == (wanted is None)
            chosen_by_booking += wanted is not None and wanted != current
        assert chosen_by_booking > 100
