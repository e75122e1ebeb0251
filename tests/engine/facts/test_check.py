"""Whatever is passed as facts, either they are valid or `on_error` decides; nothing is raised."""

import math
from collections import OrderedDict, UserDict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.facts.check import MAX_ERRORS
from tests.engine.backends.python.test_compiler import FACTS, bundle_of
from tests.engine.backends.test_differential import PAIRS
from tests.engine.generated.values import NOW
from tests.engine.policies import bundle_of as bundle_of_texts
from tests.work import counted

RULES = (
    'rules: [{id: good, when: amount >= 0 || amount < 0 || "a" in tags || closed_at == null, then: allow}]\n'
)
BUNDLE = bundle_of(RULES.replace("when: ", "when: '").replace(", then", "', then"))
GOOD = {**FACTS, "closed_at": NOW}


class NoOffset(tzinfo):
    def utcoffset(self, dt: datetime | None) -> None:
        return None

    def dst(self, dt: datetime | None) -> None:
        return None

    def tzname(self, dt: datetime | None) -> str:
        return "nowhere"


class Text(str):
    """A subclass of str, which is not accepted as text."""


ODD = {
    "buyer_id": [None, 1, b"a", "\0", "\ud800", "a" * 8_193, Text("a"), ["a"], {"a": 1}, True],
    "status": [None, "opne", "OPEN", "\ud800", "", 0, ["open"], Text("open"), "a" * 10_000],
    "amount": [None, "1", 1.0, True, 2**53 + 1, -(2**53) - 1, 10**5_000, math.nan, Decimal(1), [1], 1j],
    "ratio": [None, "0.5", math.nan, math.inf, -math.inf, 1e301, 2**53 + 1, 10**400, False, Decimal("0.5")],
    "closed_at": ["", "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", 0, 1.5,
                  "0000-01-01T00:00:00Z", "2026-01-01T00:00:00+99:99", "1969-12-31T23:59:59Z", date(2026, 1, 1),
                  NOW.replace(tzinfo=None), NOW.replace(tzinfo=NoOffset()), datetime.min.replace(tzinfo=UTC),
                  datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))), "２０２６-01-01T00:00:00Z"],
    "grace": [None, 90, "90", "-1d", "1.5d", "1 d", "P1D", "99999999999d", timedelta(-1), timedelta(days=40_000), "٣d"],
    "confirmed": [None, 0, 1, "true", "false", [], 1.0],
    "tags": [None, "a", {"a": 1}, [1], ["a", None], ["a"] * 1_001, {"a"}, [["a"]], iter(["a"])],
    "lines": [None, {}, [None], [{}], [{"party": "buyer"}], [{"party": "agent", "by": "a"}], ["a"], [[]],
              [{"party": "buyer", "by": "a", "sent_at": "soon"}], [{"party": "buyer", "by": "a", "extra": 1}]],
}  # fmt: skip
MISFITS = [(name, number) for name, values in ODD.items() for number in range(len(values))]


@pytest.mark.parametrize(("name", "number"), MISFITS)
def test_value_that_does_not_fit_gives_on_error_and_names_the_fact(name: str, number: int) -> None:
    decision = BUNDLE.decide("example", {**GOOD, name: ODD[name][number]}, now=NOW)
    assert (decision.outcome, decision.rule, decision.permits) == ("deny", "on-error", False)
    assert decision.errors[0].path.startswith(name)
    assert f"`{decision.errors[0].path}`" in decision.message
    decision.message.encode("utf-8")


@pytest.mark.parametrize("name", [name for name in GOOD if name != "closed_at"])
def test_missing_fact_gives_on_error(name: str) -> None:
    decision = BUNDLE.decide("example", {k: v for k, v in GOOD.items() if k != name}, now=NOW)
    assert (decision.outcome, decision.reason) == ("deny", f"missing-fact:{name}")


@pytest.mark.parametrize("facts", [{**GOOD, "closed_at": None}, FACTS, OrderedDict(GOOD), UserDict(GOOD)])
def test_facts_that_fit_decide(facts: Any) -> None:
    assert BUNDLE.decide("example", facts, now=NOW).rule == "good"


@pytest.mark.parametrize("facts", [None, 1, "facts", [], [("amount", 1)], b"", object()])
def test_facts_that_are_no_mapping_give_on_error(facts: object) -> None:
    assert (
        BUNDLE.decide("example", facts, now=NOW).reason == "mistyped-fact:facts"
        if facts is not None
        else True
    )
    assert BUNDLE.decide("example", facts, now=NOW).outcome == "deny"


NAMES = ["closd_at", "\ud800", "a\x1b[2J", "a" * 100_000, 10**5_000, None, (1, 2), b"amount"]


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_unknown_fact_gives_on_error_that_can_be_printed(number: int) -> None:
    decision = BUNDLE.decide("example", {**GOOD, NAMES[number]: 1}, now=NOW)
    assert (decision.outcome, decision.errors[0].code) == ("deny", "unknown")
    assert decision.message.isprintable()
    assert len(decision.message) < 300


def test_unknown_fact_is_left_out_of_a_superset() -> None:
    assert BUNDLE.decide("example", {**GOOD, "more": 1}, now=NOW, superset=True).rule == "good"


def test_of_many_misfits_only_some_are_reported_at_no_extra_work() -> None:
    def facts(misfits: int) -> dict[str, Any]:
        return {**GOOD, **{f"buyer_{n}": n for n in range(misfits)}}

    few, many = facts(2 * MAX_ERRORS), facts(10_000)
    decision, calls = counted(lambda: BUNDLE.decide("example", many, now=NOW))
    assert len(decision.errors) == MAX_ERRORS
    assert calls <= 2 * counted(lambda: BUNDLE.decide("example", few, now=NOW)).calls


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes() | st.timedeltas()
    | st.text(st.characters(categories=["Cs", "Cc", "Lu"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.sampled_from(list(GOOD)), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=PAIRS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(list(GOOD)), JUNK, max_size=5) | JUNK)
def check_junk(junk: Any) -> None:
    facts = {**GOOD, **junk} if isinstance(junk, dict) else junk
    check = BUNDLE.version_at("example", NOW).facts_check
    assert repr(check.check(facts)) == repr(check.check_slowly(facts))
    decision = BUNDLE.decide("example", facts, now=NOW)
    assert (decision.rule == "on-error") is bool(decision.errors)
    assert decision.permits is not bool(decision.errors)


def test_junk_never_raises_and_never_permits(record_property: Callable[[str, object], None]) -> None:
    check_junk()
    record_property("junk facts tried", PAIRS)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("timestamp", "1987-06-05"),
        ("timestamp", "1987-06-05T01:02:03"),
        ("duration", "77 days"),
        ("int", "771987"),
        ("string", 771987),
    ],
)
def test_no_message_repeats_a_value_that_does_not_fit(type_: str, value: object) -> None:
    text = f"""
        policy: secret
        version: 1
        effective_from: 2026-01-01T00:00:00Z
        facts: {{secret: {{type: {type_}, private: true}}, other: bool}}
        outcomes: [allow, deny]
        on_error: deny
        rules: [{{id: other, when: other, then: deny}}]
        otherwise: {{id: rest, then: deny}}
    """
    decision = bundle_of_texts(text).decide("secret", {"secret": value, "other": True}, now=NOW)
    [error] = decision.errors
    assert not any(part in error.message for part in ("1987", "77", "06-05"))
