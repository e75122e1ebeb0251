"""Changes that would flip a decision."""

from datetime import timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest

from engine import Budget, Bundle
from engine.backends.reference import environment
from engine.cases.case import Case
from engine.compiled import CompiledPolicy
from engine.explain.budget import STEPS, meter_of
from engine.explain.change import NOW as MOMENT
from engine.explain.change import Change
from engine.explain.changes import possible_changes
from engine.explain.counterfactual import MAX_TRIED
from engine.expression.quantity import from_datetime, parse_timestamp, to_datetime
from tests.engine.policies import FACTS, NOW, RETURNS, bundle_of, shipped, some_cases
from tests.sampling import sample

BUNDLE = bundle_of(RETURNS)
ENOUGH = 10**12


def search(bundle, policy, facts, now=NOW, steps=STEPS):
    return bundle.decide(policy, facts, now=now, counterfactuals=Budget(steps)).counterfactuals


def texts(counterfactuals):
    return [flip["text"] for flip in counterfactuals["found"]]


def flips(**changed):
    return texts(search(BUNDLE, "returns", {**FACTS, **changed}))


def test_most_permissive_outcome_needs_no_change():
    assert flips() == []


def test_boolean_is_turned():
    assert flips(paid=False) == ["allow if paid is yes"]


def test_number_moves_to_its_boundary():
    assert flips(amount=2000)[0] == "allow if amount is 1000"


def test_moment_moves_to_its_boundary():
    assert flips(bought_at="2026-01-01T00:00:00Z")[0] == "allow if bought at is 2026-01-30T12:00:00.000001Z"


def test_two_changes_where_one_is_not_enough():
    assert flips(paid=False, closed_at="2026-02-25T00:00:00Z") == [
        "allow if paid is yes and closed at is nothing",
        "review if paid is yes and amount is 1001",
    ]


WAIT = """\
policy: wait
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {closed_at: {type: timestamp, fixed: true}, hold: bool}
parameters: {keep_for: {type: duration, value: 90d}}
outcomes: [delete, keep]
on_error: keep
rules:
  - {id: over, when: "!hold && now >= closed_at + keep_for", then: delete}
otherwise: {id: kept, then: keep}
"""


def test_waiting_is_a_change_and_fixed_facts_are_not():
    bundle = bundle_of(WAIT)
    facts = {"closed_at": "2026-02-01T00:00:00Z", "hold": False}
    assert texts(search(bundle, "wait", facts)) == ["delete if it is 2026-05-02T00:00:00Z or later"]


def test_time_is_never_turned_back():
    bundle = bundle_of(WAIT.replace("now >= closed_at", "now <= closed_at"))
    facts = {"closed_at": NOW - timedelta(days=100), "hold": False}
    assert search(bundle, "wait", facts) == {"found": [], "complete": True}


def test_items_of_a_list_are_explained_by_the_name_of_their_condition():
    assert search(shipped(), "review_eligibility", sales(0)) == {
        "found": [
            {
                "outcome": "allow",
                "rule": "pair-complete",
                "text": "allow if seller confirmed this and buyer confirmed this",
                "changes": [
                    {
                        "fact": "confirmations",
                        "kind": "add",
                        "value": {"party": party, "by": by, "counterparty": counterparty, "product_id": "p"},
                        "named": True,
                        "text": f"{party} confirmed this",
                    }
                    for party, by, counterparty in (("seller", "s", "b"), ("buyer", "b", "s"))
                ],
            }
        ],
        "complete": True,
    }


def sales(count: int) -> dict[str, Any]:
    """The facts of a buyer who wants to review a product that is in none of these sales."""
    sold = [{"party": "seller", "by": "s", "counterparty": "b", "product_id": f"p{i}"} for i in range(count)]
    return {
        "buyer_id": "b",
        "seller_id": "s",
        "product_id": "p",
        "confirmations": sold,
        "already_reviewed": False,
    }


def applied(facts: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    name, value = change["fact"], change["value"]
    if change["kind"] == "set":
        return {**facts, name: value}
    items = list(facts[name])
    return {**facts, name: [*items, value] if change["kind"] == "add" else [i for i in items if i != value]}


@pytest.mark.parametrize("case", sample(some_cases(), every=2), ids=lambda c: f"{c.policy}: {c.name}")
def test_every_reported_counterfactual_flips_the_outcome(case):
    bundle = shipped()
    check_flips(bundle, case.policy, case.facts, case.at)


def check_flips(bundle: Bundle, policy: str, facts: Any, now: Any) -> None:
    """Apply each counterfactual to the facts independently, and check that it gives the more permissive outcome promised."""
    decision = bundle.decide(policy, facts, now=now, counterfactuals=Budget())
    ranks = bundle.version_at(policy, now).outcomes
    for flip in (decision.counterfactuals or {}).get("found", []):
        changed, later = dict(facts), now
        for change in flip["changes"]:
            if change["fact"] == "now":
                later = to_datetime(parse_timestamp(change["value"]))
            else:
                changed = applied(changed, change)
        again = bundle.decide(policy, changed, now=later)
        assert (again.outcome, again.errors) == (flip["outcome"], ())
        assert ranks.index(again.outcome) < ranks.index(decision.outcome)


def test_why_and_what_would_change_it_are_asked_for_apart():
    facts = {**FACTS, "paid": False}
    why = BUNDLE.decide("returns", facts, now=NOW, explain=True)
    assert (sorted(why.explanation), why.counterfactuals) == (["conditions", "rules"], None)
    what_if = BUNDLE.decide("returns", facts, now=NOW, counterfactuals=Budget())
    assert (what_if.explanation, what_if.counterfactuals["complete"]) == (None, True)
    both = BUNDLE.decide("returns", facts, now=NOW, explain=True, counterfactuals=Budget())
    assert (both.explanation, both.counterfactuals) == (why.explanation, what_if.counterfactuals)
    assert {"explanation", "counterfactuals"} <= set(both.to_dict())


def test_nothing_is_searched_for_facts_that_do_not_fit():
    decision = BUNDLE.decide(
        "returns", {**FACTS, "paid": "yes"}, now=NOW, explain=True, counterfactuals=Budget()
    )
    assert (decision.explanation["rules"], decision.counterfactuals) == ([], None)


def naive(version: CompiledPolicy, facts: dict[str, Any], now: int, outcome: str) -> list[tuple[Any, ...]]:
    """A naive search: all combinations of the first thirty changes, smallest first, without bounds or shortcuts."""
    tried = list(
        possible_changes(
            version.validated, environment(version.validated, facts, now), meter_of(version), Budget(ENOUGH)
        )
    )
    tried, rank = tried[:MAX_TRIED], version.outcomes.index(outcome)
    flipping: list[frozenset[int]] = []
    flips: dict[object, tuple[Any, ...]] = {}
    for size in (1, 2, 3):
        better = []
        for numbers in combinations(range(len(tried)), size):
            chosen = [tried[i] for i in numbers]
            if clash(chosen) or any(fewer <= set(numbers) for fewer in flipping):
                continue
            after, later = dict(facts), now
            for change in chosen:
                after, later = (
                    (after, change.value) if change.fact == MOMENT else (change.apply(after), later)
                )
            entry = version.entry_for(after, later)
            if version.outcomes.index(entry.outcome) < rank:
                better.append((numbers, entry))
        flipping += [frozenset(numbers) for numbers, _ in better]
        for numbers, entry in sorted(better, key=lambda f: version.outcomes.index(f[1].outcome)):
            alike = (entry.outcome, *((tried[i].fact, tried[i].kind, tried[i].because) for i in numbers))
            flips.setdefault(
                alike, (entry.outcome, entry.id, tuple((tried[i].fact, tried[i].kind) for i in numbers))
            )
        if len(flips) >= 3:
            break
    return list(flips.values())[:3]


def clash(chosen: list[Change]) -> bool:
    return any(a.fact == b.fact and "set" in (a.kind, b.kind) for a, b in combinations(chosen, 2))


def sampled_cases() -> list[Case]:
    """Some cases of every policy, since the naive search is slow."""
    cases, per_policy = some_cases(), 3
    Random(1).shuffle(cases)
    names = sorted({case.policy for case in cases})
    return [case for name in names for case in [c for c in cases if c.policy == name][:per_policy]]


@pytest.mark.parametrize("case", sampled_cases(), ids=lambda c: f"{c.policy}: {c.name}")
def test_search_finds_what_a_search_without_shortcuts_finds(case):
    bundle = shipped()
    version = bundle.version_at(case.policy, case.at)
    facts, errors = version.facts_check.check(case.facts)
    if errors:
        assert (
            bundle.decide(case.policy, case.facts, now=case.at, counterfactuals=Budget()).counterfactuals
            is None
        )
        return
    decision = bundle.decide(case.policy, case.facts, now=case.at, counterfactuals=Budget(ENOUGH))
    flips = [
        (flip["outcome"], flip["rule"], tuple((c["fact"], c["kind"]) for c in flip["changes"]))
        for flip in decision.counterfactuals["found"]
    ]
    expected = naive(version, facts, from_datetime(case.at), decision.outcome) if not decision.permits else []
    assert (flips, decision.counterfactuals["complete"]) == (expected, True)


@pytest.mark.parametrize(
    "condition",
    [
        'hits.filter(x, x.score > 0.5).exists(y, y.kind == "z")',
        'hits.filter(x, x.kind in ["z", "y"]).exists(y, y.kind == "z")',
        'hits.filter(x, x.tags.exists(t, t == x.kind)).exists(y, y.kind == "z")',
        "size(hits.filter(x, x.score > 0.5)) > 3",
        '"z" in hits.map(x, x.kind)',
        'hits.filter(x, flag && x.score > 0.5).exists(y, y.kind == "z")',
    ],
)
def test_lists_made_of_lists_are_searched(condition):
    """A loop over a list that another loop created used to raise a KeyError."""
    bundle = bundle_of(f"""\
policy: made
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {{hits: {{list: {{score: double, kind: string, tags: {{list: string}}}}}}, flag: bool}}
outcomes: [allow, deny]
on_error: deny
rules:
  - {{id: a, when: '{condition}', then: allow}}
otherwise: {{id: none, then: deny}}
""")
    facts = {"hits": [{"score": 0.7, "kind": "q", "tags": ["q"]}], "flag": False}
    check_flips(bundle, "made", facts, NOW)
    assert search(bundle, "made", facts)["complete"] is True


@pytest.mark.parametrize(
    "condition",
    [
        "text != null && size(text) > 3",
        "text != null && text.trim() == word",
        "text != null && word == text",
        "number != null && (number > 2 ? number : number + 1) > 3",
        "left != null && left > 3",
        "left != null && 3 < left - 1",
        "number != null && items.exists(i, i > number)",
        "items.exists(i, number != null && i > number)",
        "words != null && word in words",
        "words != null && words.exists(w, w == word)",
        "words != null && size(words) > 3",
        "words != null && words.map(w, size(w)).exists(n, n > 1)",
        "number != null && number in [1, number - 1]",
    ],
)
def test_a_condition_is_not_searched_where_the_test_before_it_finds_null(condition: str) -> None:
    text = f"""\
        policy: nulls
        version: 1
        effective_from: 2026-01-01T00:00:00Z
        facts:
          text: string?
          word: string
          number: int?
          items: {{list: int}}
          words: {{list: string, optional: true}}
        values: {{left: 'number != null ? number + 1 : null'}}
        outcomes: [allow, deny]
        on_error: deny
        rules: [{{id: asked, when: '{condition}', then: allow}}]
        otherwise: {{id: rest, then: deny}}
        """
    facts = {"word": "a", "items": [1]}
    decision = bundle_of(text).decide("nulls", facts, now=NOW, counterfactuals=Budget())
    assert decision.outcome == "deny" and decision.counterfactuals is not None
    for flip in decision.counterfactuals["found"]:
        assert flip["outcome"] == "allow"
