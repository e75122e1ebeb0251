"""Properties of the shipped policies for all facts, which no table of cases can cover."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Decision
from tests.engine.policies import shipped

BUNDLE = shipped()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RANK = {"allow": 0, "flag": 1, "block": 2}
HARD = ("threat", "abuse", "hate", "violence")
CATEGORIES = (*HARD, "sexual", "self_harm", "insult", "profanity", "spam")
MODES = ("normal", "dispute")


def duration(policy: str, parameter: str) -> timedelta:
    return timedelta(microseconds=BUNDLE.version_at(policy, NOW).validated.policy.parameters[parameter].value)


VETO_BELOW = BUNDLE.version_at("moderation_profiles", NOW).validated.policy.parameters["veto_below"].value
KEEP_FOR = duration("retention", "keep_for")
moments = st.timedeltas(timedelta(0), timedelta(days=63_000)).map(lambda after: NOW + after)
scores = st.floats(0.0, 1.0)


def signals(**tags: bool):
    return st.fixed_dictionaries({
        "category": st.sampled_from(CATEGORIES),
        "score": scores,
        "detector": st.sampled_from(["lexicon", "clause_rules", "classifier"]),
        "reported": st.booleans(),
        "quoted": st.booleans(),
    } | {tag: st.just(value) for tag, value in tags.items()})  # fmt: skip


messages = st.fixed_dictionaries({
    "mode": st.sampled_from(MODES),
    "language": st.sampled_from(["english", "german", "spanish", "french", "other", "undetermined"]),
    "signals": st.lists(signals(), max_size=5),
    "unavailable": st.lists(st.sampled_from(CATEGORIES), max_size=3),
    "earlier_insults": st.lists(moments, max_size=8),
})  # fmt: skip


def moderate(facts: dict) -> Decision:
    decision = BUNDLE.decide("moderation_profiles", facts, now=NOW)
    assert decision.errors == ()
    return decision


def is_doubted(message: dict) -> bool:
    """Whether the classifier is sure that nothing hard is there. A person decides then."""
    about = [s for s in message["signals"] if s["detector"] == "classifier" and s["category"] in HARD]
    return bool(about) and all(signal["score"] < VETO_BELOW for signal in about)


def is_held(decision: Decision) -> bool:
    return decision.outcome == "flag" and "hold" in decision.obligations


def block_threshold(mode: str, category: str) -> float:
    table = BUNDLE.version_at("moderation_profiles", NOW).validated.policy.parameters["thresholds"].table
    [score] = [row[3] for row in table.rows if row[:2] == (mode, category)]
    return score


def test_every_mode_has_a_row_for_every_category():
    thresholds = {
        (mode, category): block_threshold(mode, category) for mode, category in product(MODES, CATEGORIES)
    }
    assert all(score <= 1.0 for (_, category), score in thresholds.items() if category in HARD)


@given(messages, st.sampled_from(HARD), st.floats(0.0, 1.0), st.sampled_from(["lexicon", "clause_rules"]))
def test_what_reaches_the_threshold_of_a_hard_category_is_blocked_whatever_else_is_there(
    message, category, above, detector
):
    threshold = block_threshold(message["mode"], category)
    score = threshold + (1.0 - threshold) * above
    signal = {"category": category, "score": min(score, 1.0), "detector": detector}
    said = signal | {"reported": False, "quoted": False}
    decision = moderate(message | {"signals": [*message["signals"], said]})
    assert decision.outcome == "block" or (is_doubted(message) and is_held(decision))


@given(
    messages,
    st.lists(signals(reported=True), max_size=3),
    st.lists(signals(quoted=True), max_size=3),
)
def test_reports_and_quotations_alone_are_never_blocked(message, reports, quotations):
    facts = message | {"signals": [*reports, *quotations], "unavailable": []}
    assert moderate(facts).outcome != "block"


@given(messages, signals(reported=True))
def test_a_report_never_turns_a_message_into_a_blocked_one(message, report):
    before = moderate(message).outcome
    after = moderate(message | {"signals": [*message["signals"], report]}).outcome
    assert before == "block" or after != "block"


@given(messages, signals(), scores)
def test_raising_a_score_never_makes_the_outcome_more_permissive(message, signal, other):
    low, high = sorted([signal["score"], other])
    lower, higher = (
        moderate(message | {"signals": [*message["signals"], signal | {"score": score}]}).outcome
        for score in (low, high)
    )
    assert RANK[lower] <= RANK[higher]


@given(messages, signals())
def test_another_signal_never_makes_the_outcome_more_permissive(message, signal):
    more = message | {"signals": [*message["signals"], signal]}
    before, after = moderate(message), moderate(more)
    assert RANK[before.outcome] <= RANK[after.outcome] or (is_doubted(more) and is_held(after))


@given(messages.filter(lambda m: not set(m["unavailable"]) & set(HARD)), scores, st.sampled_from(MODES))
def test_self_harm_alone_is_never_blocked(message, score, mode):
    signal = {
        "category": "self_harm",
        "score": score,
        "detector": "clause_rules",
        "reported": False,
        "quoted": False,
    }
    assert moderate(message | {"mode": mode, "signals": [signal]}).outcome != "block"


@given(st.permutations(range(5)), st.lists(signals(), min_size=5, max_size=5), messages)
def test_the_order_of_signals_does_not_matter(order, signals, message):
    one = moderate(message | {"signals": signals})
    other = moderate(message | {"signals": [signals[i] for i in order]})
    assert (one.outcome, one.rule, one.matched) == (other.outcome, other.rule, other.matched)


retained = st.fixed_dictionaries({
    "status": st.sampled_from(["open", "reopened", "closed"]),
    "closed_at": st.none() | moments,
    "legal_hold": st.booleans(),
    "hold_released_at": st.none() | moments,
    "purge_started": st.booleans(),
    "began_at": st.just(NOW - timedelta(days=30)),
})  # fmt: skip
offsets = (
    st.timedeltas(timedelta(days=-1), timedelta(days=1))
    | st.just(timedelta(0))
    | st.just(-timedelta(microseconds=1))
)


@given(retained, moments)
def test_media_is_deleted_only_when_the_dispute_has_been_closed_for_the_whole_time(facts, now):
    decision = BUNDLE.decide("retention", facts, now=now)
    if decision.outcome == "delete":
        assert facts["status"] == "closed" and not facts["legal_hold"]
        assert now >= decision.outputs["delete_after"] == facts["closed_at"] + KEEP_FOR


@given(retained.filter(lambda facts: facts["closed_at"] is not None), offsets)
def test_media_that_may_be_deleted_belongs_to_a_dispute_that_cannot_be_reopened(facts, offset):
    decision = BUNDLE.decide("retention", facts, now=facts["closed_at"] + KEEP_FOR + offset)
    assert decision.outcome == "keep" or not decision.outputs["may_reopen"]


sessions = st.fixed_dictionaries({
    "action": st.sampled_from(["look", "speak", "migrate"]),
    "logged_in": st.booleans(),
    "started_at": st.none() | moments,
    "last_spoke_at": st.none() | moments,
})  # fmt: skip


@given(sessions, moments)
def test_nothing_is_stored_of_whoever_is_logged_out_and_nothing_migrates(facts, now):
    decision = BUNDLE.decide("assistant_session", facts, now=now)
    assert (decision.outcome == "store") == (facts["logged_in"] and facts["action"] != "migrate")


@given(sessions.filter(lambda facts: facts["started_at"] and facts["last_spoke_at"]), st.data())
def test_a_logged_out_session_ends_when_it_said_it_would(facts, data):
    now = facts["started_at"] + data.draw(st.timedeltas(timedelta(0), timedelta(hours=3)))
    decision = BUNDLE.decide("assistant_session", facts, now=now)
    ends = decision.outputs["expires_at"]
    if decision.outcome == "ephemeral":
        assert now < ends <= facts["started_at"] + duration("assistant_session", "longest")
        spoke = now if facts["action"] == "speak" else facts["last_spoke_at"]
        later = facts | {"action": "look", "last_spoke_at": spoke}
        assert BUNDLE.decide("assistant_session", later, now=ends).outcome == "refuse"
        before = BUNDLE.decide("assistant_session", later, now=ends - timedelta(microseconds=1))
        assert (before.outcome, before.outputs["expires_at"]) == ("ephemeral", ends)
    else:
        assert ends is None


@given(
    st.integers(0, 10_000),
    st.lists(st.text(max_size=20).filter(lambda w: "\0" not in w), max_size=20),
    st.booleans(),
)
def test_every_message_gets_a_title(graphemes, words, has_product):
    facts = {"graphemes": graphemes, "words": words, "has_product": has_product}
    decision = BUNDLE.decide("inbox_title", facts, now=NOW)
    assert decision.errors == ()
    assert decision.outcome != ("use_default" if has_product else "use_product")


@pytest.mark.parametrize("policy", sorted(BUNDLE.policies))
def test_facts_that_do_not_fit_get_the_most_restrictive_outcome(policy):
    version = BUNDLE.version_at(policy, NOW)
    decision = BUNDLE.decide(policy, {}, now=NOW)
    assert (decision.outcome, dict(decision.outputs)) == (version.outcomes[-1], {})


@pytest.mark.parametrize("policy", sorted(BUNDLE.policies))
def test_every_rule_says_who_decided_it_and_something_to_people(policy):
    newest = BUNDLE.version_at(policy, NOW).validated.policy
    silent = [rule.id for rule in newest.rules if rule.source is None or rule.message is None]
    assert (silent, newest.otherwise.message is None, newest.owner is None) == ([], False, False)
