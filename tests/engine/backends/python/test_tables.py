"""Row look-ups find the same rows as trying each in turn: compiler and reference agree on both forms."""

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


def test_item_that_names_a_row_twice_finds_it_once():
    version = bundle_of(policy(CONDITIONS["item alone"], UNIQUE, "worst")).version_at("rows", NOW)
    facts = {"group": "c", "name": "", "limit": 9, "most": None, "names": []}
    twice = [{"name": "q", "score": n} for n in (1, 2)]
    assert version.decide({**facts, "items": twice}, now=NOW, bundle_digest="").matched == ("found[a/q/2]",)
