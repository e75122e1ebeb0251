"""Claims: those of the shipped policies are proven, and a policy that breaks one is shown with a case that reproduces it."""

from pathlib import Path
from textwrap import dedent

import pytest

from documents.source import Source
from engine.backends.smt.question import Limits
from engine.bundle import Bundle, load_sources
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from engine.claims import claim_words
from engine.claims.claim import Claim, read_claims
from engine.claims.proof import Proof, prove
from tests.engine.claims.policies import text_of
from tests.engine.generated.chance import FULL
from tests.engine.policies import shipped

CLAIMS, PROBLEMS = read_claims(Path("policies/claims.yaml"), shipped().policies)
BY_ID = {claim.id: claim for claim in CLAIMS}
BROKEN: list[tuple[str, list[tuple[str, str]]]] = [
    ("review-needs-both-confirmations", [("when: same_product &&", "when: seller_confirmed_this &&")]),
    (
        "review-needs-both-confirmations",
        [("seller_confirmed_this && buyer_confirmed_this", "seller_confirmed_this || buyer_confirmed_this")],
    ),
    (
        "review-needs-both-confirmations",
        [
            (
                "c.by == buyer_id && c.counterparty == seller_id && c.product_id",
                "c.by == buyer_id && c.product_id",
            )
        ],
    ),
    ("review-only-once", [("when: same_product && !already_reviewed", "when: same_product")]),
    ("review-only-once", [("    unless: own_product\n", "")]),
    ("complete-sale-locks-its-chat", [("[complete_order, lock_chat]", "[complete_order]")]),
    (
        "complete-sale-locks-its-chat",
        [("pending && other_side_confirmed", "pending && is_seller && other_side_confirmed")],
    ),
    (
        "nothing-is-completed-without-both",
        [("confirming && pending && other_side_confirmed", "confirming && pending")],
    ),
    ("locked-chat-takes-no-message", [("locked_at != null", "locked_at != null && author_id == seller_id")]),
    ("media-is-kept-for-90-days", [("value: 90d", "value: 89d")]),
    ("media-is-kept-for-90-days", [("now >= closed_at + keep_for", "now >= closed_at")]),
    (
        "media-is-kept-under-a-hold",
        [("when: legal_hold", "when: legal_hold && hold_released_at == null"), ("!legal_hold && ", "")],
    ),
    (
        "media-is-kept-while-open",
        [
            ('when: status == "reopened"', 'when: status == "reopened" && purge_started'),
            ('status == "closed" && closed_at != null', "closed_at != null"),
        ],
    ),
    ("only-agents-close-disputes", [('actor_role == "agent" && !is_party', 'actor_role == "agent"')]),
    ("nobody-rules-about-own-words", [("actor_id == author_id", "actor_id == author_id && !actor_is_staff")]),
    ("nothing-of-a-logged-out-visitor-is-stored", [("then: ephemeral", "then: store")]),
    ("no-title-without-words", [("unless: too_short || generic", "unless: too_short")]),
    (
        "hard-limit-is-never-allowed",
        [("[threat, abuse, hate, violence]\n", "[threat, abuse, hate, violence, insult]\n")],
    ),
    (
        "anger-is-not-blocked-in-a-dispute",
        [("[dispute, insult,    2.00, 2.00", "[dispute, insult,    0.90, 0.90")],
    ),
    (
        "dispute-is-not-laxer-about-hard-categories",
        [("[dispute, hate,      0.30, 0.80", "[dispute, hate,      0.30, 0.90")],
    ),
    (
        "dispute-is-not-laxer-about-hard-categories",
        [
            ("[threat, abuse, hate, violence]\n", "[threat, abuse, violence]\n"),
            ("[dispute, hate,      0.30, 0.80", "[dispute, hate,      2.00, 2.00"),
        ],
    ),
    (
        "hard-categories-do-not-pass",
        [
            ("[normal,  abuse,     0.30, 0.80", "[normal,  abuse,     0.60, 0.80"),
            ("      - [normal,  abuse,    0.45]\n", ""),
        ],
    ),
    (
        "hard-categories-do-not-pass",
        [
            ("[threat, abuse, hate, violence]\n", "[threat, abuse, violence]\n"),
            ("[normal,  hate,      0.30, 0.80", "[normal,  hate,      2.00, 2.00"),
        ],
    ),
    (
        "higher-scores-are-not-judged-more-mildly",
        [("s.score >= hold_from && ", "s.score >= hold_from && s.score < 0.78 && ")],
    ),
]
SLOW = {claim.id for claim in CLAIMS if claim.policy == "moderation_profiles"} - {
    "hard-limit-is-never-allowed"
}


def prove_one(claim: Claim, bundle: Bundle, limits: Limits | None = None) -> Proof:
    return prove(claim, bundle.policies[claim.policy], limits or Limits())[-1]


def test_at_least_twelve_claims_about_every_policy():
    assert PROBLEMS == []
    assert len(CLAIMS) >= 12
    assert {claim.policy for claim in CLAIMS} == shipped().policies.keys()


@pytest.mark.full  # `make check` proves them too
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.id)
def test_claims_of_the_shipped_policies_are_proven(claim):
    assert [p.status for p in prove(claim, shipped().policies[claim.policy])] == ["proven"]


@pytest.mark.parametrize(
    ("id_", "edits"),
    [b for b in BROKEN if FULL or b[0] not in SLOW],
)
def test_a_broken_policy_is_shown_with_a_case_that_reproduces_it(id_, edits, tmp_path):
    claim = BY_ID[id_]
    text = text_of(claim.policy)
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    bundle = load_sources([Source("broken.yaml", text)]).bundle
    assert bundle is not None
    proof = prove_one(claim, bundle)
    assert proof.status == "broken", claim_words.told(proof)
    file = tmp_path / "case.yaml"
    file.write_text(claim_words.case_of(proof), encoding="utf-8")
    cases, problems = read_cases(file)
    assert problems == () and len(cases) == (2 if claim.kind in ("rises", "compare") else 1)
    for case in cases:
        result = run_case(bundle, case)
        assert result.passed, (file.read_text(), result.failures, result.problems)
    if claim.parameters == "today":
        results = [run_case(shipped(), case) for case in cases]
        assert not all(result.passed for result in results)


POLICY = """\
policy: discount
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  amount: {type: int, min: 0, max: 1000}
  member: bool
  bought_at: timestamp?
parameters:
  from: {type: int, value: 100, min: 50, max: 200}
conditions:
  large: amount >= from
outcomes: [grant, refuse]
on_error: refuse
obligations: [thank]
rules:
  - {id: large, when: large, then: grant, obligations: [thank]}
  - {id: member, when: member, then: grant}
otherwise: {id: none, then: refuse}
outputs:
  percent: {type: int, value: "large ? 10 : 5"}
"""


@pytest.fixture
def bundle() -> Bundle:
    found = load_sources([Source("discount.yaml", POLICY)]).bundle
    assert found is not None
    return found


def claims_of(tmp_path: Path, bundle: Bundle, text: str) -> tuple[list[Claim], list[str]]:
    path = tmp_path / "claims.yaml"
    path.write_text("claims:\n" + dedent(text), encoding="utf-8")
    claims, problems = read_claims(path, bundle.policies)
    return claims, [problem.render() for problem in problems]


def verdict(tmp_path: Path, bundle: Bundle, said: str) -> Proof:
    [claim], problems = claims_of(
        tmp_path, bundle, f"- {{id: one, policy: discount, because: we say so, {said}}}\n"
    )
    assert problems == []
    return prove_one(claim, bundle)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("never: outcome == 'grant' && amount < 100 && !member", "proven"),
        ("never: outcome == 'grant' && amount < 100 && !member, parameters: range", "broken"),
        ("never: outcome == 'grant' && amount < 50 && !member, parameters: range", "proven"),
        ("given: rule == 'large', always: outputs.percent == 10", "proven"),
        ("given: rule == 'member', always: outputs.percent == 10", "broken"),
        ("rises: amount", "broken"),
        ("rises: amount, given: member", "proven"),
        ("compare: {member: [false, true]}, expect: not_stricter", "proven"),
        ("compare: {member: [true, false]}, expect: not_stricter", "broken"),
        ("compare: {member: [true, false]}, expect: same, given: amount >= 100", "proven"),
        ("given: amount > 2 && amount < 3, never: member", "vacuous"),
    ],
)
def test_verdicts(said, status, tmp_path, bundle):
    assert verdict(tmp_path, bundle, said).status == status


def test_a_risen_value_may_not_drop_an_obligation_at_an_equal_outcome(tmp_path):
    text = POLICY.replace("amount >= from", "amount >= from && amount <= 500")
    broken = load_sources([Source("discount.yaml", text)]).bundle
    assert broken is not None
    proof = verdict(tmp_path, broken, "rises: amount, given: member")
    assert proof.status == "broken"
    before, after = proof.shown
    assert (before.decision.outcome, after.decision.outcome) == ("grant", "grant")
    assert (before.facts["amount"], after.facts["amount"]) == (100, 501)


def test_a_case_names_the_parameters_that_break_it(tmp_path, bundle):
    proof = verdict(
        tmp_path, bundle, "never: outcome == 'grant' && amount < 100 && !member, parameters: range"
    )
    file = tmp_path / "case.yaml"
    file.write_text(claim_words.case_of(proof), encoding="utf-8")
    cases, problems = read_cases(file)
    assert problems == () and cases[0].settings
    assert run_case(bundle, cases[0]).passed


def test_a_limit_makes_it_not_proven(tmp_path):
    claim = BY_ID["review-needs-both-confirmations"]
    proof = prove_one(claim, shipped(), Limits(effort=1))
    assert (proof.status, proof.why) == ("not proven", "the solver reached its limit")
    diagnostic = claim_words.diagnostic(proof)
    assert diagnostic is not None and diagnostic.code == "claim-not-proven"


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("never: amout > 3", "unknown name `amout`"),
        ("never: bought_at < now", "may be null"),
        ("never: outcome == 'granted'", "`granted` is not a value of"),
        ("never: amount", "a condition is true or false"),
        ("rises: member", "`member` is a bool, which cannot rise"),
        ("rises: amounts", "is no fact"),
        ("compare: {member: [true]}", "needs two values"),
        ("never: member, always: member", "exactly one thing"),
        ("never: member, expect: same", "is for claims about two inputs"),
        ("parameters: range", "exactly one thing"),
    ],
)
def test_mistakes_in_claims_are_told_with_their_place(said, wanted, tmp_path, bundle):
    claims, problems = claims_of(tmp_path, bundle, f"- {{id: one, policy: discount, because: x, {said}}}\n")
    assert claims == [] and len(problems) == 1
    assert wanted in problems[0]
    assert "claims.yaml:2:" in problems[0] and "^" in problems[0]


def test_a_claim_about_an_unknown_policy(tmp_path, bundle):
    _, problems = claims_of(tmp_path, bundle, "- {id: one, policy: discont, because: x, never: member}\n")
    assert "did you mean `discount`?" in problems[0]


def test_a_claim_that_is_given_twice(tmp_path, bundle):
    one = "- {id: one, policy: discount, because: x, never: member}\n"
    _, problems = claims_of(tmp_path, bundle, one + one)
    assert "given twice" in problems[0]
