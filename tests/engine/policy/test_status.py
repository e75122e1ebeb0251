"""The status of a refusal, `conflict` or `forbidden`, as the deciding rule declares it."""

import pytest

from documents.source import Source
from engine.backends.registry import backend
from engine.bundle import load_sources
from engine.mutation.equivalence import equivalent
from engine.mutation.rules import rule_mutants
from tests.engine.policies import NOW, bundle_of
from tests.needs import ENGINES

POLICY = """\
policy: gate
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {locked: bool, mine: bool, number: int}
outcomes: [allow, look, deny]
on_error: deny
hit: worst
rules:
  - {id: locked, when: locked, then: deny, status: conflict}
  - {id: others, unless: mine, then: look, status: forbidden}
  - {id: odd, when: number == 3, then: look}
  - {id: fine, when: mine, then: allow}
otherwise: {id: rest, then: deny, status: forbidden}
"""
FACTS = {"locked": False, "mine": True, "number": 1}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, None),
        ({"number": 3}, None),
        ({"mine": False}, "forbidden"),
        ({"mine": False, "locked": True}, "conflict"),
        ({"number": "3"}, None),
    ],
)
def test_the_deciding_rule_says_it(engine: str, facts: dict, status: str | None):
    bundle = load_sources([Source("gate.yaml", POLICY)], compile=backend(engine)).bundle
    assert bundle is not None
    decision = bundle.decide("gate", FACTS | facts, now=NOW)
    assert decision.status == status
    assert decision.to_dict().get("status") == status and ("status" in decision.to_dict()) is (
        status is not None
    )


def test_a_changed_status_is_a_mutant_and_never_equivalent():
    [version] = bundle_of(POLICY).policies["gate"].all
    summaries = []
    for mutant in rule_mutants(version.validated.policy):
        if "status" in mutant.summary:
            summaries.append(mutant.summary)
            mutated = load_sources([mutant.mutated()]).bundle
            assert mutated is not None
            assert not equivalent(version.validated, mutated.policies["gate"].all[0].validated)
    assert summaries == [
        "the status of `locked` becomes `forbidden`",
        "the status of `others` becomes `conflict`",
        "the status of `rest` becomes `conflict`",
    ]
