"""Row look-ups find the same rows as trying each in turn: compiler and reference agree on both forms."""

from operator import ge, gt, le, lt
from random import Random

import pytest

from engine.backends import reference
from engine.expression.quantity import from_datetime
from tests.engine.policies import NOW, bundle_of
from tests.sampling import sample

UNIQUE = "[[a, p, 1], [a, q, 2], [b, p, 3], [b, r, 0]]"
REPEATED = "[[a, p, 1], [a, p, 2], [b, p, 3], [a, q, 1], [a, p, 0]]"

CONDITIONS = {
    "key only": "row.group == group && row.name == name",
    "no key": "size(row.name) == limit",
    "item by key": "row.group == group && items.exists(i, i.name == row.name && i.score >= row.level)",
    "item without key": "items.exists(i, row.name == i.name && i.score >= row.level)",
    "item alone": "items.exists(i, i.name == row.name)",
    "plain items": "names.exists(n, n == row.name) && row.level > limit",
    "part before": "row.level > limit && items.exists(i, i.name == row.name)",
    "two lists": "items.exists(i, i.name == row.name) && names.exists(i, i == row.group)",
    "condition inside": "busy && items.exists(i, i.score > limit && i.name == row.name && busy)",
    "null tested first": "most != null && items.exists(i, i.name == row.name && i.score <= most)",
    "optional field": "items.exists(i, i.tag != null && i.tag == row.name)",
    "all of them": "items.all(i, i.name == row.name)",
    "item without equality": "items.exists(i, i.score >= row.level)",
}


def policy(condition: str, rows: str, hit: str) -> str:
    return f"""\
policy: rows
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  group: {{enum: [a, b, c]}}
  name: string
  limit: int
  most: int?
  names: {{list: string}}
  items: {{list: {{name: string, score: int, tag: string?}}}}
parameters:
  rows_of: {{table: {{group: string, name: string, level: int}}, key: [group, name, level], rows: {rows}}}
conditions: {{busy: size(items) > 1}}
outcomes: [allow, flag, deny]
on_error: deny
hit: {hit}
rules:
  - {{id: low, for_each: {{i: rows_of}}, when: 'i.group == group && i.level > limit && busy', then: flag, source: Test}}
  - {{id: found, for_each: {{row: rows_of}}, when: '{condition}', then: deny, source: Test}}
  - {{id: again, for_each: {{row: rows_of}}, when: '{condition}', unless: busy, then: flag, source: Test}}
otherwise: {{id: nothing, then: flag}}
"""


def random_facts(random: Random) -> dict[str, object]:
    return {
        "group": random.choice("abc"),
        "name": random.choice("pqr"),
        "limit": random.randrange(4),
        "most": random.choice([None, 0, 1, 2]),
        "names": [random.choice("pqra") for _ in range(random.randrange(4))],
        "items": [random_item(random) for _ in range(random.randrange(4))],
    }


def random_item(random: Random) -> dict[str, object]:
    return {
        "name": random.choice("pqrs"),
        "score": random.randrange(4),
        "tag": random.choice([None, "p", "q"]),
    }


@pytest.mark.parametrize("hit", ["first", "worst"])
@pytest.mark.parametrize("rows", [UNIQUE, REPEATED], ids=["unique", "repeated"])
@pytest.mark.parametrize("condition", sample(list(CONDITIONS.values()), every=3), ids=CONDITIONS)
def test_found_rows_are_those_that_apply(condition, rows, hit):
    version = bundle_of(policy(condition, rows, hit)).version_at("rows", NOW)
    now, random, seen = from_datetime(NOW), Random(7), set()
    for _ in range(300):
        facts = random_facts(random)
        decision = version.decide(facts, now=NOW, bundle_digest="")
        assert decision.errors == ()
        outcome, rule, matched, _ = reference.decide(version.validated, facts, now)
        assert (decision.outcome, decision.rule, decision.matched) == (outcome, rule, matched)
        seen.update(matched)
    assert any(id_.startswith("found[") for id_ in seen)


BANDS = {
    "half open": "amount >= row.from && amount < row.to",
    "swapped": "row.from <= amount && row.to > amount && size(name) > 0",
    "open below": "amount > row.from && amount <= row.to",
    "both open": "amount > row.from && amount < row.to",
    "both closed": "amount >= row.from && amount <= row.to",
    "by key": "row.kind == name && amount >= row.from && amount < row.to",
    "of a moment": "at >= row.since && at < row.until",
}
ROWS = {
    "in order": [("a", 0, 2), ("a", 2, 5), ("b", 5, 6)],
    "out of order": [("b", 4, 6), ("a", 0, 1), ("a", 1, 4)],
    "gap": [("a", 0, 2), ("b", 3, 3), ("a", 5, 6)],
    "overlap": [("a", 0, 3), ("b", 2, 6), ("a", 3, 6)],
    "same": [("a", 0, 3), ("b", 0, 3), ("c", 4, 3)],
}


@pytest.mark.parametrize("hit", ["first", "worst"])
@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("condition", BANDS.values(), ids=BANDS)
def test_rows_found_by_their_band_are_those_that_apply(condition, rows, hit):
    cells = [
        f"[{k}, {a}, {b}, {a}d, {b}d, 2026-03-0{a + 1}T00:00:00Z, 2026-03-0{b + 1}T00:00:00Z]"
        for k, a, b in rows
    ]
    version = bundle_of(f"""\
policy: rows
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {{amount: int, name: string, at: timestamp}}
parameters:
  bands:
    table: {{kind: string, from: int, to: int, least: duration, most: duration, since: timestamp, until: timestamp}}
    key: [kind, from, to]
    rows: [{", ".join(cells)}]
outcomes: [allow, deny]
on_error: deny
hit: {hit}
rules:
  - {{id: found, for_each: {{row: bands}}, when: '{condition}', then: deny, source: Test}}
otherwise: {{id: nothing, then: deny}}
""").version_at("rows", NOW)
    version.fuse()
    now, found = from_datetime(NOW), set()
    for amount in range(-1, 8):
        for name in "abd":
            facts = {"amount": amount, "name": name, "at": f"2026-03-{max(0, amount) + 1:02}T00:00:00Z"}
            checked, errors = version.facts_check.check(facts)
            assert errors == ()
            decision = version.decide_in_steps(facts, now=NOW, bundle_digest="")
            outcome, rule, matched, _ = reference.decide(version.validated, checked, now)
            assert (decision.outcome, decision.rule, decision.matched) == (outcome, rule, matched)
            assert version.fused(facts, NOW, "", False) == decision
            found.update(matched)
    assert found


class Counting(int):
    """A number that counts how often it is compared."""

    compared = 0

    def _counted(operator):
        def compare(self, other):
            Counting.compared += 1
            return operator(int(self), other)

        return compare

    __lt__, __le__, __gt__, __ge__ = map(_counted, (lt, le, gt, ge))


@pytest.mark.parametrize("keyed", ["", "row.name == name && "])
def test_row_is_found_by_its_band_without_trying_the_others(keyed):
    count = 512
    rows = ", ".join(f"[a, {n}, {n + 1}]" for n in range(count))
    version = bundle_of(f"""\
policy: rows
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {{amount: int, name: string}}
parameters: {{bands: {{table: {{name: string, from: int, to: int}}, key: [name, from], rows: [{rows}]}}}}
outcomes: [allow, deny]
on_error: deny
rules: [{{id: found, for_each: {{row: bands}}, when: '{keyed}amount >= row.from && amount < row.to', then: deny, source: Test}}]
otherwise: {{id: nothing, then: deny}}
""").version_at("rows", NOW)
    for amount in (0, 1, 255, 511, 512):
        Counting.compared = 0
        assert version.rules({"amount": Counting(amount), "name": "a"}, 0) == amount
        assert Counting.compared <= count.bit_length() + 2


def test_item_that_names_a_row_twice_finds_it_once():
    version = bundle_of(policy(CONDITIONS["item alone"], UNIQUE, "worst")).version_at("rows", NOW)
    facts = {"group": "c", "name": "", "limit": 9, "most": None, "names": []}
    twice = [{"name": "q", "score": n} for n in (1, 2)]
    assert version.decide({**facts, "items": twice}, now=NOW, bundle_digest="").matched == ("found[a/q/2]",)
