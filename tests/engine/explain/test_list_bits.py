"""Trials on bit masks of list items decide as trials on the lists do."""

from itertools import combinations
from random import Random

import pytest

from engine import Budget
from engine.backends.reference import environment
from engine.compiled import CompiledPolicy
from engine.explain.budget import meter_of
from engine.explain.changes import possible_changes
from engine.explain.counterfactual import MAX_TRIED
from engine.explain.trials import ListTrials, Trials, trials_of
from engine.expression.quantity import from_datetime
from tests.engine.explain.test_budget import signals
from tests.engine.explain.test_counterfactual import ENOUGH, sales, search
from tests.engine.policies import NOW, bundle_of, shipped

MIXED = """\
policy: mixed
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  mode: {enum: [a, b]}
  limit: int
  items: {list: {kind: {enum: [x, w, z]}, size: int}}
  names: {list: string}
  other: {list: {kind: {enum: [x, w, z]}, tags: {list: string}}}
parameters:
  limits:
    table: {mode: {enum: [a, b]}, kind: {enum: [x, w, z]}, most: int}
    key: [mode, kind]
    rows: [[a, x, 3], [a, w, 5], [b, x, 1], [b, z, 7]]
conditions:
  large: items.exists(i, i.size > limit)
  all_small: items.all(i, i.size < limit || i.kind == "x")
  tagged: 'other.exists(o, o.kind == "w" && o.tags.exists(g, g == "q"))'
outcomes: [allow, flag, deny]
on_error: deny
hit: HIT
rules:
  - id: over
    for_each: {row: limits}
    when: row.mode == mode && items.exists(i, i.kind == row.kind && i.size > row.most)
    then: deny
  - id: least
    for_each: {row: limits}
    when: row.mode == mode && !items.all(i, i.kind != row.kind || i.size > row.most)
    then: flag
  - {id: big, when: large && mode == "b", unless: tagged, then: deny}
  - {id: small, when: '!all_small && names.exists(n, n == "w")', then: flag}
  - {id: many, when: 'names.exists(n, n == "v") || (limit > 4 ? tagged : large)', then: flag}
otherwise: {id: none, then: allow, permit_because: a test}
"""


def mixed_facts(random: Random) -> dict[str, object]:
    kinds = ("x", "w", "z")
    return {
        "mode": random.choice("ab"),
        "limit": random.randrange(8),
        "items": [
            {"kind": random.choice(kinds), "size": random.randrange(9)} for _ in range(random.randrange(5))
        ],
        "names": random.choices("uvw", k=random.randrange(3)),
        "other": [
            {"kind": random.choice(kinds), "tags": random.choices("pq", k=2)}
            for _ in range(random.randrange(3))
        ],
    }


def both_trials(version: CompiledPolicy, facts: dict[str, object]) -> tuple[Trials, Trials]:
    now = from_datetime(NOW)
    assert now is not None
    meter, budget = meter_of(version), Budget(ENOUGH)
    env = environment(version.validated, facts, now)
    changes = list(possible_changes(version.validated, env, meter, budget))[:MAX_TRIED]
    return trials_of(version, facts, now, changes, budget), Trials(version, facts, now, changes, budget)


def check_trials(version: CompiledPolicy, facts: dict[str, object], random: Random) -> bool:
    """Compare both trials for some sets of changes, and each useless change with its absence."""
    quick, slow = both_trials(version, facts)
    rank = version.outcomes.index
    places = range(len(slow.changes))
    sets = [chosen for size in (1, 2, 3) for chosen in combinations(places, size)]
    for chosen in random.sample(sets, min(len(sets), 60)):
        mask = sum(1 << place for place in chosen)
        assert quick.entry(mask) == slow.entry(mask)
        for place in chosen:
            if quick.useless >> place & 1:
                without = slow.entry(mask ^ 1 << place)
                assert rank(slow.entry(mask).outcome) >= rank(without.outcome)
    return isinstance(quick, ListTrials)


@pytest.mark.parametrize("hit", ["first", "worst"])
def test_bits_decide_as_lists_do(hit):
    version = bundle_of(MIXED.replace("HIT", hit)).version_at("mixed", NOW)
    random = Random(3)
    with_bits = [check_trials(version, mixed_facts(random), random) for _ in range(25)]
    assert any(with_bits)
    bits = meter_of(version).list_bits
    assert bits is not None
    assert (bits.lists, bits.reads) == ({"items", "names", "other"}, {"limit"})
    assert (bits.worsening != 0) == (hit == "worst")


@pytest.mark.parametrize("count", [1, 3, 6])
def test_bits_decide_as_lists_do_in_shipped_policies(count):
    for policy, facts in (("moderation_profiles", signals(count)), ("review_eligibility", sales(count))):
        version = shipped().version_at(policy, NOW)
        checked, errors = version.facts_check.check(facts)
        assert errors == ()
        assert check_trials(version, checked, Random(count))


@pytest.mark.parametrize(
    ("condition", "lists"),
    [
        ("items.exists(i, i > 1)", {"items"}),
        ("items.exists(i, i > 1) && size(items) > 2", None),
        ("items.exists_one(i, i > 1)", None),
        ("items.exists(i, others.exists(o, o == i))", {"items"}),
        ("others.exists(o, o > 1) && items.exists(i, others.exists(o, o == i))", {"items"}),
        ("items.exists(i, named)", {"items"}),
        ("maybe != null && maybe.exists(m, m > 1)", None),
    ],
)
def test_lists_that_are_read_otherwise_have_no_bits(condition, lists):
    text = f"""\
        policy: some
        version: 1
        effective_from: 2026-01-01T00:00:00Z
        facts: {{items: {{list: int}}, others: {{list: int}}, maybe: {{list: int, optional: true}}}}
        conditions: {{named: 'others.exists(o, o > 5)'}}
        outcomes: [allow, deny]
        on_error: deny
        rules: [{{id: asked, when: '{condition}', then: allow}}]
        otherwise: {{id: rest, then: deny}}
        """
    bits = meter_of(bundle_of(text).version_at("some", NOW)).list_bits
    assert (None if bits is None else bits.lists) == lists


@pytest.mark.parametrize("count", [10, 100])
def test_search_through_long_lists_comes_to_an_end(count):
    """It used to end in the middle, since every trial tried every rule on every item."""
    assert search(shipped(), "moderation_profiles", signals(count))["complete"] is True
    assert search(shipped(), "review_eligibility", sales(10 * count))["complete"] is True


def test_items_that_cannot_improve_the_outcome_are_not_tried(monkeypatch):
    tried = []
    entry = ListTrials.entry
    monkeypatch.setattr(ListTrials, "entry", lambda self, mask: (tried.append(mask), entry(self, mask))[1])
    version = shipped().version_at("moderation_profiles", NOW)
    checked, _ = version.facts_check.check(signals(4))
    quick, _ = both_trials(version, checked)
    search(shipped(), "moderation_profiles", signals(4))
    assert quick.useless
    assert tried and not any(mask & quick.useless for mask in tried)
