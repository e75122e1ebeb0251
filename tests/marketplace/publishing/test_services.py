"""The way of an edit into force, and everybody who may not take it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from decisions import Denied
from decisions.models import DecisionRecord
from decisions.texts import TextUnavailable
from marketplace.errors import Refused
from marketplace.publishing import standing
from marketplace.publishing.files import BundleRefused
from marketplace.publishing.models import Activation, Author, Publication, Verdict
from marketplace.publishing.queries import active, scheduled, state_of
from marketplace.publishing.reporting import read_body
from marketplace.publishing.services import break_glass, judge, review, roll_back, withdraw
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.full_on("postgresql")  # test_constraints.py is about the database

HIGHER = ("value: 100", "value: 200")


def rule_of(denied: pytest.ExceptionInfo[Denied]) -> str:
    return denied.value.decision.rule


def test_edit_comes_into_force_with_a_report_and_somebody_elses_approval(shop, first, ann, carl):
    shop.edit(*HIGHER)
    publication = shop.publish()
    report = shop.report(publication)
    body = read_body(report.body)
    assert (report.change, report.not_proven) == ("parameters", 0)
    assert [change["old"] for change in body["difference"]["changes"]] == ["fee"]
    assert body["cases"] == {"passed": 2, "skipped": 0}
    assert [claim["status"] for claim in body["claims"]] == ["proven"]
    assert body["files"] == {"added": [], "changed": ["fees.yaml"], "removed": []}

    with pytest.raises(Denied) as denied:
        shop.activate(publication)
    assert rule_of(denied) == "approvals-missing"
    shop.approve(publication, report)
    shop.activate(publication)

    assert active().publication == publication
    assert state_of(publication) == "active"
    records = DecisionRecord.objects.filter(subject_kind="bundle").order_by("-pk")[:4]
    assert [(r.policy, r.outcome, r.rule, r.actor_id) for r in reversed(records)] == [
        ("policy_change", "allow", "publish-allowed", ann.pk),
        ("policy_change", "deny", "approvals-missing", ann.pk),
        ("policy_change", "allow", "approve-allowed", carl.pk),
        ("policy_change", "allow", "activate-allowed", ann.pk),
    ]


@pytest.mark.parametrize(
    ("file", "before", "after", "code"),
    [
        ("policies/fees.yaml", "amount <= limit", "amout <= limit", "unknown-name"),
        ("policies/fees.yaml", "value: 100", "value: 0", "out-of-bounds"),
        ("cases/fees.yaml", "outcome: free", "outcome: fee", "case-failed"),
        ("policies/claims.yaml", "amount < 2", "amount < 200", "claim-broken"),
    ],
)
def test_bundle_with_an_error_is_refused_and_nothing_is_stored(shop, file, before, after, code):
    shop.edit(before, after, file)
    with pytest.raises(BundleRefused) as refused:
        shop.publish()
    problem = refused.value.problems[0]
    assert (problem.file, problem.code) == (file, code)
    assert not Publication.objects.exists()


def test_bundle_without_the_policy_about_changes_is_refused(shop):
    (shop.folder / "policies" / "policy_change.yaml").unlink()
    with pytest.raises(BundleRefused) as refused:
        shop.publish()
    assert [problem.code for problem in refused.value.problems] == ["missing-policy"]


def test_removed_claim_needs_two_approvals(shop, first, bob, carl):
    (shop.folder / "policies" / "claims.yaml").write_text("claims: []\n")
    publication = shop.publish()
    report = shop.report(publication)
    assert (report.change, read_body(report.body)["claims_removed"]) == ("claims", ["small-is-free"])
    shop.approve(publication, report)
    with pytest.raises(Denied) as denied:
        shop.activate(publication)
    assert rule_of(denied) == "approvals-missing"
    shop.approve(publication, report, by=bob)
    shop.activate(publication)
    assert active().publication == publication


def test_policy_about_changes_is_the_one_before_the_change(shop, first):
    """A bundle that asks for no approval does not come into force without one."""
    shop.edit("[rules, 1]", "[rules, 0]", "policies/policy_change.yaml")
    shop.edit("[parameters, 1]", "[parameters, 0]", "policies/policy_change.yaml")
    (shop.folder / "policies" / "claims.yaml").write_text("claims: []\n")
    publication = shop.publish()
    shop.report(publication)
    with pytest.raises(Denied) as denied:
        shop.activate(publication)
    assert rule_of(denied) == "approvals-missing"


def test_nobody_without_permission_does_anything(shop, eve, first):
    shop.edit(*HIGHER)
    with pytest.raises(Denied) as denied:
        shop.publish(by=eve)
    assert rule_of(denied) == "not-a-publisher"
    publication = shop.publish()
    report = shop.report(publication)
    for act in (
        lambda: shop.approve(publication, report, by=eve),
        lambda: shop.approve(publication, report, by=eve, approves=False),
        lambda: shop.activate(publication, by=eve),
        lambda: withdraw(actor=eve, publication=publication, reason="", now=NOW),
    ):
        with pytest.raises(Denied) as denied:
            act()
        assert rule_of(denied) == "neither-owner-nor-approver"
    assert state_of(publication) == "published"
    assert DecisionRecord.objects.filter(actor_id=eve.pk, outcome="deny").count() == 5


def test_owner_who_is_no_approver_does_not_approve(shop, ann):
    publication = shop.publish()
    with pytest.raises(Denied) as denied:
        shop.approve(publication, shop.report(publication), by=ann)
    assert rule_of(denied) == "not-an-approver"


def test_everybody_who_published_since_the_bundle_in_force_is_an_author(shop, first, bob, carl):
    shop.edit(*HIGHER)
    shop.publish(by=bob)
    shop.edit("value: 200", "value: 300")
    publication = shop.publish()
    with pytest.raises(Denied) as denied:
        shop.approve(publication, shop.report(publication), by=bob)
    assert rule_of(denied) == "own-change"
    shop.approve(publication, shop.report(publication), by=carl)
    shop.activate(publication)

    shop.edit("value: 300", "value: 400")
    later = shop.publish()
    shop.approve(later, shop.report(later), by=bob)  # his edit is in force, so he is no author any more


def test_author_of_a_bundle_older_than_the_one_in_force_does_not_approve_it(shop, first, bob):
    shop.edit(*HIGHER)
    old = shop.publish(by=bob)
    shop.edit("value: 200", "value: 300")
    shop.put_in_force()
    with pytest.raises(Denied) as denied:
        shop.approve(old, shop.report(old), by=bob)
    assert rule_of(denied) == "own-change"


def test_author_of_what_was_forced_is_an_author_until_an_approved_bundle_follows(shop, first, ann, bob):
    shop.edit(*HIGHER)
    break_glass(actor=ann, publication=shop.publish(by=bob), reason="the shop is down", now=NOW)
    shop.edit("value: 200", "value: 300")
    publication = shop.publish()
    with pytest.raises(Denied) as denied:
        shop.approve(publication, shop.report(publication), by=bob)
    assert rule_of(denied) == "own-change"


def test_git_author_with_an_account_is_an_author_and_others_are_named(shop, ann, bob):
    bob.email = "bob@shop.example"
    bob.save()
    publication = shop.publish(
        git_authors=[("Bob", "BOB@shop.example"), ("Zoe", "zoe@elsewhere.example"), ("No address", "")]
    )
    assert set(publication.authors.values_list("user_id", flat=True)) == {ann.pk, bob.pk}
    assert publication.strangers == ["No address", "Zoe"]
    with pytest.raises(Denied) as denied:
        shop.approve(publication, shop.report(publication), by=bob)
    assert rule_of(denied) == "own-change"


def test_author_cannot_approve_even_through_the_orm(shop, bob):
    publication = shop.publish(by=bob)
    report = shop.report(publication)
    with pytest.raises(IntegrityError, match="an author cannot approve"):
        Verdict.objects.create(
            publication=publication,
            report=report,
            approves=True,
            bundle_digest=publication.digest,
            report_digest=report.digest,
            by=bob,
            at=NOW,
        )


def test_approval_of_other_bytes_or_another_report_is_refused(shop, carl):
    publication = shop.publish()
    report = shop.report(publication)
    for digests, code in (
        ((f"sha256:{'0' * 64}", report.digest), "another-bundle"),
        ((publication.digest, f"sha256:{'0' * 64}"), "another-report"),
    ):
        with pytest.raises(Refused) as refused:
            judge(
                actor=carl,
                publication=publication,
                approves=True,
                bundle_digest=digests[0],
                report_digest=digests[1],
                now=NOW,
            )
        assert refused.value.code == code
    assert not Verdict.objects.exists()


def test_edit_after_the_approval_needs_another_one(shop):
    shop.approved()
    shop.edit(*HIGHER)
    edited = shop.publish()
    shop.report(edited)
    with pytest.raises(Denied) as denied:
        shop.activate(edited)
    assert rule_of(denied) == "approvals-missing"


def test_approval_ends_when_another_bundle_comes_into_force(shop, first):
    shop.edit(*HIGHER)
    approved = shop.approved()
    shop.edit("value: 200", "value: 300")
    other = shop.approved()
    shop.activate(other)
    with pytest.raises(Denied) as denied:
        shop.activate(approved)
    assert rule_of(denied) == "report-outdated"


def test_approval_ends_with_a_report_that_says_something_else(shop, first, bob, monkeypatch):
    """Planted: the solver is gone."""
    shop.edit(*HIGHER)
    publication = shop.approved()
    with monkeypatch.context() as planting:
        planting.setattr("engine.claims.extra.is_installed", lambda: False)
        other = shop.report(publication)
    with pytest.raises(Denied) as denied:
        shop.activate(publication)
    assert rule_of(denied) == "approvals-missing"
    shop.approve(publication, other, by=bob)
    assert shop.report(publication).digest != other.digest  # the first report again, which Carl has approved
    shop.activate(publication)


def test_rejected_bundle_stays_rejected(shop, carl, bob):
    publication = shop.publish()
    report = shop.report(publication)
    shop.approve(publication, report, approves=False)
    assert state_of(publication) == "rejected"
    for act in (lambda: shop.approve(publication, report, by=bob), lambda: shop.activate(publication)):
        with pytest.raises(Denied) as denied:
            act()
        assert rule_of(denied) == "already-rejected"


def test_scheduled_bundle_waits_and_another_waits_for_it(shop, first):
    shop.edit(*HIGHER)
    publication = shop.approved()
    shop.activate(publication, at=NOW + timedelta(days=3650))
    assert (active().publication, scheduled().publication) == (first, publication)
    assert state_of(publication) == "scheduled"
    shop.edit("value: 200", "value: 300")
    other = shop.approved()
    with pytest.raises(Refused) as refused:
        shop.activate(other)
    assert refused.value.code == "another-is-scheduled"
    withdraw(actor=shop.author, publication=publication, reason="not now", now=LATER)
    assert (state_of(publication), scheduled()) == ("withdrawn", None)
    shop.activate(other)
    assert active().publication == other


@pytest.mark.parametrize("days", [-1, 0, 365_000])
def test_schedule_is_a_moment_ahead(shop, days):
    publication = shop.approved()
    with pytest.raises(Refused) as refused:
        shop.activate(publication, at=NOW + timedelta(days=days))
    assert refused.value.code == "schedule-in-the-past"


def test_rollback_brings_the_earlier_bundle_back_and_withdraws_what_is_scheduled(shop, first, ann):
    shop.edit(*HIGHER)
    second = shop.put_in_force()
    shop.edit("value: 200", "value: 300")
    third = shop.approved()
    shop.activate(third, at=NOW + timedelta(days=3650))

    roll_back(actor=ann, reason="too generous", now=LATER)

    assert active().publication == first
    assert (state_of(second), state_of(third)) == ("replaced", "withdrawn")
    roll_back(actor=ann, publication=second, reason="on second thought", now=LATER)
    assert active().publication == second


def test_rollback_goes_to_what_has_been_in_force_only(shop, first, ann, eve):
    shop.edit(*HIGHER)
    other = shop.publish()
    for publication in (None, first, other):
        with pytest.raises(Refused) as refused:
            roll_back(actor=ann, publication=publication, reason="", now=NOW)
        assert refused.value.code == "nothing-to-roll-back-to"
    with pytest.raises(Denied) as denied:
        roll_back(actor=eve, publication=first, reason="", now=NOW)
    assert rule_of(denied) == "neither-owner-nor-approver"


def test_active_bundle_is_not_withdrawn(shop, first, ann):
    with pytest.raises(Denied) as denied:
        withdraw(actor=ann, publication=first, reason="", now=NOW)
    assert rule_of(denied) == "already-active"


def test_glass_is_broken_with_a_reason_and_reviewed_by_somebody_else(shop, first, bob, carl):
    shop.edit(*HIGHER)
    publication = shop.publish()
    with pytest.raises(Refused) as refused:
        break_glass(actor=bob, publication=publication, reason=" ", now=NOW)
    assert refused.value.code == "reason-missing"
    forced = break_glass(actor=bob, publication=publication, reason="the shop is down", now=NOW)
    assert active().publication == publication
    with pytest.raises(Denied) as denied:
        review(actor=bob, activation=forced, now=NOW)
    assert rule_of(denied) == "review-own"
    review(actor=carl, activation=forced, now=NOW)
    assert forced.review.by == carl


def test_author_does_not_review_what_somebody_without_a_token_forced(shop, first, bob, carl):
    shop.edit(*HIGHER)
    forced = break_glass(actor=None, publication=shop.publish(by=bob), reason="at night", now=NOW)
    with pytest.raises(Denied) as denied:
        review(actor=bob, activation=forced, now=NOW)
    assert rule_of(denied) == "review-own"
    review(actor=carl, activation=forced, now=NOW)


@pytest.fixture
def refuse(monkeypatch):
    """Plants an engine that refuses bundles in which a policy has this text."""

    def plant(text):
        def load(sources, **options):
            listed = list(sources)
            if any(text in source.text for source in listed):
                raise ValueError("this engine no longer knows the policy")
            return engine(listed, **options)

        engine = standing.load_sources
        standing._bundle.cache_clear()
        monkeypatch.setattr(standing, "load_sources", load)

    yield plant
    standing._bundle.cache_clear()


def test_bundle_that_no_longer_loads_does_not_come_into_force(shop, first, ann, refuse):
    shop.edit(*HIGHER)
    second = shop.put_in_force()
    shop.edit("value: 200", "value: 300")
    third = shop.approved()
    refuse("value: 100,")
    with pytest.raises(TextUnavailable, match=f"bundle {first.pk} cannot be loaded: ValueError"):
        roll_back(actor=ann, reason="too generous", now=LATER)
    refuse("value: 300")
    for act in (
        lambda: shop.activate(third),
        lambda: shop.activate(third, at=NOW + timedelta(days=3650)),
        lambda: break_glass(actor=ann, publication=third, reason="at night", now=LATER),
    ):
        with pytest.raises(TextUnavailable, match=f"bundle {third.pk} cannot be loaded: ValueError"):
            act()
    assert active().publication == second
    assert Activation.objects.count() == 2


def test_bundle_without_a_policy_that_the_installation_needs_does_not_come_into_force(
    shop, first, ann, monkeypatch
):
    shop.edit(*HIGHER)
    publication = shop.approved()
    monkeypatch.setattr("decisions.needs.needed_policies", lambda: ["moderation"])
    with pytest.raises(
        TextUnavailable, match="cannot be used: policies:1: the policy `moderation` is missing"
    ):
        shop.activate(publication)
    assert active().publication == first


def test_glass_is_broken_where_the_bundle_in_force_no_longer_loads(shop, first, refuse):
    shop.edit(*HIGHER)
    publication = shop.publish()
    refuse("value: 100,")
    with pytest.raises(Refused) as refused:
        shop.report(publication)
    assert refused.value.code == "bundle-in-force-broken"
    break_glass(actor=None, publication=publication, reason="the engine was upgraded", now=NOW)
    assert active().publication == publication


def test_author_is_unique_and_rows_of_others_do_not_change(shop, ann):
    publication = shop.publish()
    assert Author.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=publication.pk).update(published_by=ann)
    assert not Activation.objects.exists()
