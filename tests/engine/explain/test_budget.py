"""Limits of the search for counterfactuals: the counted steps bound its work, whatever the facts are."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine import Budget
from engine.compiled import CompiledPolicy
from engine.explain import changes
from engine.explain.budget import STEPS, OutOfBudget, meter_of, sizes, steps
from engine.explain.trials import ListTrials
from engine.expression.quantity import from_datetime
from tests.engine.explain.test_counterfactual import BUNDLE, ENOUGH, sales, search
from tests.engine.policies import FACTS, NOW, bundle_of, shipped


class Counted(list[Any]):
    """Counts the items that a loop takes from it."""

    taken = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            Counted.taken += 1
            yield item


def signals(count: int) -> dict[str, Any]:
    """Signals of alternating categories, some of them strong enough to block."""
    named = ("threat", "insult", "spam", "hate")
    items = [
        {
            "category": named[i % len(named)],
            "score": 0.05 + i % 10 / 11,
            "detector": "lexicon",
            "reported": False,
            "quoted": False,
        }
        for i in range(count)
    ]
    return {
        "mode": "normal",
        "language": "english",
        "signals": items,
        "unavailable": [],
        "earlier_insults": [],
    }


NESTED = """\
policy: nested
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {notes: {list: {text: string, tags: {list: string}}}, ok: bool}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: a, when: 'ok && notes.all(n, notes.exists_one(m, m.text == n.text))', then: allow}
  - {id: b, when: 'ok && notes.exists(n, n.tags.exists(t, t.matches("x+y") || t.lowerAscii() in ["z"]))', then: allow}
  - {id: c, when: 'size(notes.filter(n, n.text.contains("z"))) > 5', then: allow}
otherwise: {id: none, then: deny}
"""


def notes(count: int) -> dict[str, Any]:
    return {"ok": False, "notes": [{"text": f"note {i}", "tags": [f"é{i}"] * 3} for i in range(count)]}


GROWING = [
    (shipped, "review_eligibility", sales),
    (shipped, "moderation_profiles", signals),
    (lambda: bundle_of(NESTED), "nested", notes),
]
MOST_TRIALS = 4_600
"""30 changes alone, in pairs and in triples, and one decision before."""
MOST_ITEMS = 500_000
"""The maximum number of items that trials and the search for single changes examine."""


@pytest.fixture
def work(monkeypatch):
    """Count trial decisions, the items that are turned into bits for them, and the parts of conditions that the reference
    evaluates."""
    counts = {"trials": 0, "evaluated": 0}
    decided, tried, evaluated = CompiledPolicy.entry_for, ListTrials.entry, changes.evaluate
    turned = ListTrials._items

    def entry_for(self, facts, now):
        counts["trials"] += 1
        lists = {name: Counted(value) if isinstance(value, list) else value for name, value in facts.items()}
        return decided(self, lists, now)

    def entry(self, mask):
        counts["trials"] += 1
        return tried(self, mask)

    def items(self, others):
        before = len(self.known_items)
        found = turned(self, others)
        if len(self.known_items) > before:
            counts["evaluated"] += len(self.rest) + len(self.removed) + len(self.added)
        return found

    def evaluate(node, env):
        counts["evaluated"] += 1
        return evaluated(node, env)

    Counted.taken = 0
    monkeypatch.setattr(CompiledPolicy, "entry_for", entry_for)
    monkeypatch.setattr(ListTrials, "entry", entry)
    monkeypatch.setattr(ListTrials, "_items", items)
    monkeypatch.setattr(changes, "evaluate", evaluate)
    return counts


@pytest.mark.parametrize(("bundle", "policy", "facts"), GROWING, ids=[name for _, name, _ in GROWING])
@pytest.mark.parametrize("count", [1, 10, 100, 1_000])
def test_work_has_a_bound_whatever_the_facts_are(work, bundle, policy, facts, count):
    budget = Budget()
    counterfactuals = bundle().decide(policy, facts(count), now=NOW, counterfactuals=budget).counterfactuals
    assert budget.left >= 0
    assert work["trials"] <= MOST_TRIALS
    assert work["trials"] or count in (1, 1_000), (
        "one item may leave nothing to try, and many may use up the budget before"
    )
    assert Counted.taken + work["evaluated"] <= MOST_ITEMS
    assert counterfactuals["complete"] or budget.left < STEPS / 2


def test_search_says_when_it_stopped_and_answers_the_same_again():
    bundle, facts = shipped(), signals(1_000)
    first = search(bundle, "moderation_profiles", facts)
    assert first["complete"] is False
    assert search(bundle, "moderation_profiles", facts) == first
    assert search(bundle, "moderation_profiles", signals(100))["complete"] is True


def test_what_was_found_before_the_end_of_the_budget_is_reported():
    bundle, facts = shipped(), {**signals(1), "signals": [{**signals(1)["signals"][0], "score": 0.9}]}
    whole = search(bundle, "moderation_profiles", facts, steps=ENOUGH)
    stopped = search(bundle, "moderation_profiles", facts, steps=30_000)
    assert (whole["complete"], stopped["complete"]) == (True, False)
    assert stopped["found"] == whole["found"] != []


def test_no_steps_are_no_answer_and_no_error():
    assert search(BUNDLE, "returns", {**FACTS, "paid": False}, steps=0) == {"found": [], "complete": False}


@pytest.mark.parametrize(("bundle", "policy", "facts"), GROWING, ids=[name for _, name, _ in GROWING])
@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_no_decision_takes_more_items_than_were_reckoned(work, bundle, policy, facts, count):
    version = bundle().version_at(policy, NOW)
    checked, errors = version.facts_check.check(facts(count))
    assert errors == ()
    version.entry_for(checked, from_datetime(NOW))
    assert Counted.taken <= steps(meter_of(version).decision, sizes(checked))


def many_rules(count: int) -> str:
    rules = "\n".join(
        f"  - {{id: r-{i}, when: 'amount > {i} && kind == \"k{i}\"', then: deny}}" for i in range(count)
    )
    return f"""\
policy: many
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {{kind: string, amount: int}}
outcomes: [allow, deny]
on_error: deny
rules:
{rules}
otherwise: {{id: none, then: allow, permit_because: a test}}
"""


def test_changes_are_looked_for_until_there_are_enough(work):
    """The search stops when it has enough changes: a policy of a thousand rules costs as much as one of fifty."""
    evaluated = []
    for count in (50, 1_000):
        work["evaluated"] = 0
        search(bundle_of(many_rules(count)), "many", {"kind": "k3", "amount": 9})
        evaluated.append(work["evaluated"])
    assert evaluated[0] == evaluated[1]


def test_named_condition_is_looked_into_once(work):
    """Two rules use the same named condition, but the list items are evaluated only once for it."""
    search(shipped(), "review_eligibility", sales(40))
    assert work["evaluated"] < 40 * 2 * 2


def test_what_is_left_of_a_share_comes_back():
    budget = Budget(100)
    with budget.share(4) as share:
        assert (share.left, budget.left) == (25, 75)
        share.spend(5)
    assert budget.left == 95
    with budget.share(1) as share, pytest.raises(OutOfBudget):
        share.spend(96)
    assert budget.left == 0
