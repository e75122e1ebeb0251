"""One query finds recorded decisions that a version makes again, and never one that it does not."""

import json
import random
from typing import Any

import pytest

from engine.batch.recorded import Recorded, SameDecisions
from engine.expression.values import to_json
from tests.engine.batch.rows import MISFITS, NOW, Row, a_misfit, a_row, moments
from tests.engine.policies import shipped
from tests.sampling import sample

ROWS = 40
MOMENT = "2026-03-29 01:30:00"
ANSWER = ("errors", "matched", "message", "obligations", "outputs", "status")


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def recorded(number: int, policy: str, row: Row) -> Recorded:
    said = shipped().decide(policy, row, now=NOW, superset=True).to_dict()
    answer = {name: said[name] for name in ANSWER if name in said}
    return Recorded(number, canonical(to_json(row)), canonical(answer), str(said["outcome"]), MOMENT)


def changed(record: Recorded, chance: random.Random, policy: str) -> Recorded:
    """The record with something that matters different."""
    answer = json.loads(record.answer or "{}")
    kind = chance.choice(("outcome", "obligations", "outputs", "status", "inexact"))
    if kind == "outcome":
        outcomes = shipped().policies[policy].newest.validated.policy.outcomes
        return record._replace(outcome=next(o for o in outcomes if o != record.outcome))
    if kind == "obligations":
        answer[kind] = [*answer[kind], "surplus"]
    elif kind == "outputs":
        answer[kind] = {**answer[kind], "surplus": 1}
    else:
        answer[kind] = "other" if kind == "status" else True
    return record._replace(answer=canonical(answer))


@pytest.mark.parametrize("policy", sample(sorted(shipped().policies), every=3))
def test_decisions_that_stay_are_found(policy: str) -> None:
    chance, version = random.Random(policy), shipped().policies[policy].newest
    types = {name: fact.type for name, fact in version.validated.policy.facts.items()}
    near = moments(version)
    rows = [a_row(chance, types, near, ["a", "b", ""]) for _ in range(ROWS)]
    same = [recorded(n, policy, row) for n, row in enumerate(rows)]
    other = [
        changed(record._replace(id=record.id + ROWS), chance, policy)
        for record in same
        if not json.loads(record.answer or "{}")["errors"]
    ]
    misfits = [recorded(n + 2 * ROWS, policy, a_misfit(chance, row, MISFITS)) for n, row in enumerate(rows)]
    found = SameDecisions().among([*same, *other, *misfits], version)
    assert not found & {record.id for record in other}
    assert not found & {r.id for r in misfits if json.loads(r.answer or "{}")["errors"]}
    fit = {record.id for record in same if not json.loads(record.answer or "{}")["errors"]}
    assert len(found & fit) > len(fit) * 0.8


def test_without_an_answer_only_the_outcome_counts() -> None:
    version = shipped().policies["record_retention"].newest
    record = recorded(1, "record_retention", {"decided_at": NOW})
    old = record._replace(answer=None)
    found = SameDecisions().among([old, old._replace(id=2, outcome="other")], version)
    assert found == {1}
