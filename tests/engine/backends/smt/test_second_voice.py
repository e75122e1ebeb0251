"""cvc5 answers the questions of `comity prove` and `comity diff` as z3 does."""

import random
from collections import Counter

import pytest

from documents.source import Source
from engine.backends.smt import question
from engine.backends.smt.question import Answer, Found, Nothing
from engine.backends.smt.texts import applications, pool_of, results, walk
from engine.bundle import load_sources
from engine.claims.difference import compare
from engine.claims.proof import prove
from engine.mutation.judge import mutants_of
from tests.engine import voices
from tests.engine.backends.smt.cvc5_voice import EFFORT, LITTLE_EFFORT, Cvc5
from tests.engine.claims.policies import version
from tests.engine.claims.rewriting import rewritten
from tests.engine.claims.test_claims import CLAIMS
from tests.engine.policies import shipped

pytestmark = pytest.mark.full
LARGE = "moderation_profiles"
"""Its questions may be too large for the second solver, which is then no second voice."""


@pytest.fixture
def answers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts how the second solver answered. An answer that contradicts the first fails."""
    counted: Counter[str] = Counter()
    ask_z3 = question._decide
    given = request.node.callspec.params
    large = LARGE in (given.get("policy"), getattr(given.get("claim"), "policy", None))
    effort = LITTLE_EFFORT if large else EFFORT

    def ask_both(world, ground, formulas, limits) -> Answer:
        found = ask_z3(world, ground, formulas, limits)
        calls = applications(formulas)
        known = list(results(world, calls, pool_of(formulas))) if calls else []
        ieee = any(term.op in ("fadd", "fsub") for term in walk(formulas))
        verdict = Cvc5(ieee=ieee, effort=effort).verdict([*formulas, *known])
        counted[verdict] += 1
        if isinstance(found, Found):
            assert verdict != "none"
        # with functions on texts, z3 may have proven by its own theory of texts what this leaves open
        if isinstance(found, Nothing) and not calls:
            assert verdict != "found"
        if verdict != "unknown":
            voices.agreed("cvc5", "questions of proofs")
        return found

    monkeypatch.setattr(question, "_decide", ask_both)
    return counted


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_claims(claim, answers):
    assert [p.status for p in prove(claim, shipped().policies[claim.policy])] == ["proven"]
    assert sum(answers.values()) >= 1
    assert answers["unknown"] == 0 or claim.policy == LARGE


@pytest.mark.parametrize("policy", sorted(shipped().policies))
def test_rewritten_policies(policy, answers):
    old = shipped().policies[policy].all[-1]
    assert compare(old, version(rewritten(old, random.Random(5)))).equal
    assert answers["unknown"] == 0 or policy == LARGE


@pytest.mark.parametrize("policy", sorted(shipped().policies))
def test_planted_edits(policy, answers):
    old = shipped().policies[policy].all[-1]
    mutants = random.Random(7).sample(list(mutants_of([old.validated])), 5)
    for mutant in mutants:
        bundle = load_sources([Source("policy.yaml", mutant.mutated().text)]).bundle
        if bundle is not None:
            compare(old, bundle.policies[policy].all[-1])
    assert answers["unknown"] <= sum(answers.values()) // (2 if policy == LARGE else 20)
