"""Published bundles over the API, as a pipeline and the people after it use it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from decisions import bundles
from decisions.models import DecisionRecord
from marketplace.accounts.models import User
from marketplace.accounts.services import issue_token
from marketplace.publishing import standing
from marketplace.publishing.checking import CHECKING
from marketplace.publishing.models import Activation, Publication, Verdict
from marketplace.publishing.queries import active
from tests.api.callers import Caller, problem_of, refusal_of
from tests.marketplace.factories import NOW
from tests.marketplace.publishing.bundle import Bundles

pytestmark = pytest.mark.full_on("postgresql")  # test_constraints.py is about the database

BUNDLES = "/api/policies/bundles"
HIGHER = ("value: 100", "value: 200")


@pytest.fixture(autouse=True)
def unthrottled(settings: Any) -> None:
    settings.COMITY_THROTTLES = dict.fromkeys(settings.COMITY_THROTTLES, "100000/min")


def as_(user: User) -> Caller:
    return Caller(user, issue_token(user=user, now=NOW))


def post(user: User, place: Any, body: Any = None, **headers: str) -> Any:
    return as_(user).post(f"{BUNDLES}/{place}", body, **headers)


def publish(shop: Bundles, by: User, **more: Any) -> Any:
    return as_(by).post(BUNDLES, {"files": shop.texts(), **more})


def compared(shop: Bundles, by: User, **more: Any) -> tuple[int, dict[str, str]]:
    """The number of a new bundle with a report, and what its approval names."""
    bundle = publish(shop, by, **more).json()
    report = post(by, f"{bundle['id']}/report").json()
    return bundle["id"], {"digest": bundle["digest"], "report_digest": report["digest"]}


def test_from_draft_to_force_and_back(shop, first, ann, carl):
    shop.edit(*HIGHER)
    published = publish(shop, ann, revision="abc")
    bundle = published.json()
    assert published.status_code == 201
    assert (bundle["state"], bundle["revision"], bundle["authors"]) == ("published", "abc", [ann.pk])
    assert (bundle["report_digest"], sorted(bundle["files"])) == (None, sorted(shop.texts()))
    place = f"{BUNDLES}/{bundle['id']}"
    assert refusal_of(as_(carl).get(f"{place}/report")) == (404, "not-found")

    report = post(ann, f"{bundle['id']}/report").json()
    assert as_(carl).get(f"{place}/report").json() == report
    assert post(ann, f"{bundle['id']}/report").json() == report
    assert (report["change"], report["base_id"], report["not_proven"]) == ("parameters", first.pk, 0)
    assert "fees: `fee` becomes `free`" in report["text"]
    assert [change["old"] for change in report["report"]["difference"]["changes"]] == ["fee"]
    assert as_(carl).get(place).json()["report_digest"] == report["digest"]

    verdict = {"digest": bundle["digest"], "report_digest": report["digest"], "reason": "seen"}
    assert post(carl, f"{bundle['id']}/approve", verdict).json()["approvals"] == 1
    activated = post(ann, f"{bundle['id']}/activate")
    assert (activated.json()["state"], active().publication_id) == ("active", bundle["id"])
    back = post(carl, "rollback", {"reason": "too much"})
    assert (back.json()["id"], active().publication_id) == (first.pk, first.pk)
    listed = as_(ann).get(BUNDLES).json()["items"]
    assert [(each["id"], each["state"]) for each in listed] == [
        (bundle["id"], "replaced"),
        (first.pk, "active"),
    ]
    records = DecisionRecord.objects.filter(subject_kind="bundle").order_by("-pk")[:4]
    assert [(record.rule, record.actor_id) for record in reversed(records)] == [
        ("publish-allowed", ann.pk),
        ("approve-allowed", carl.pk),
        ("activate-allowed", ann.pk),
        ("roll-back-allowed", carl.pk),
    ]
    again = post(ann, "rollback", {"bundle_id": bundle["id"]})
    assert (again.json()["state"], active().publication_id) == ("active", bundle["id"])


def test_approver_breaks_the_glass_and_another_one_reviews_it(shop, first, ann, bob, carl):
    shop.edit(*HIGHER)
    number = publish(shop, ann).json()["id"]
    forced = {"reason": "the shop is down"}
    assert refusal_of(post(ann, f"{number}/break-glass", forced)) == (403, "role-required")
    assert refusal_of(post(carl, f"{number}/break-glass", {"reason": " "})) == (409, "reason-missing")
    assert refusal_of(post(carl, f"{number}/break-glass", {})) == (422, "invalid-request")
    assert active().publication == first

    said = post(carl, f"{number}/break-glass", forced).json()
    assert (said["state"], said["needs_review"], active().by) == ("active", True, carl)
    assert refusal_of(post(carl, f"{number}/review")) == (403, "review-own")
    said = post(bob, f"{number}/review", {"reason": "seen"}).json()
    assert (said["state"], said["needs_review"]) == ("active", False)
    assert refusal_of(post(bob, f"{number}/review")) == (409, "nothing-to-review")


def test_glass_is_broken_where_nothing_can_be_decided(shop, first, carl, request, monkeypatch):
    """Planted: an engine that refuses the bundle in force, in a process that starts with it."""
    engine = standing.load_sources

    def refuse(sources: Any, **options: Any) -> Any:
        listed = list(sources)
        if any("value: 100," in source.text for source in listed):
            raise ValueError("this engine no longer knows the policy")
        return engine(listed, **options)

    shop.edit(*HIGHER)
    other = shop.publish()
    request.getfixturevalue("follows_bundles")
    standing._bundle.cache_clear()
    monkeypatch.setattr(standing, "load_sources", refuse)
    try:
        assert as_(carl).get("/readyz").status_code == 503
        assert refusal_of(post(carl, "rollback", {"bundle_id": other.pk})) == (409, "bundle-in-force-broken")
        forced = {"reason": "the engine was upgraded"}
        said = post(carl, f"{other.pk}/break-glass", forced, **{"Idempotency-Key": "night-1"})
        assert (said.status_code, said.json()["state"]) == (200, "active")
        assert bundles.reload().digest == other.digest
    finally:
        standing._bundle.cache_clear()


def test_schedule_can_be_withdrawn_and_a_rejection_stays(shop, first, ann, carl):
    number, verdict = compared(shop, ann)
    assert post(carl, f"{number}/approve", verdict).status_code == 200
    assert refusal_of(post(ann, f"{number}/schedule", {"at": "2001-01-01T00:00:00Z"})) == (
        409,
        "schedule-in-the-past",
    )
    scheduled = post(ann, f"{number}/schedule", {"at": "2126-01-01T00:00:00Z"}).json()
    assert (scheduled["state"], scheduled["scheduled_for"]) == ("scheduled", "2126-01-01T00:00:00.000000Z")
    withdrawn = post(ann, f"{number}/withdraw", {"reason": "sooner"}).json()
    assert (withdrawn["state"], withdrawn["scheduled_for"]) == ("withdrawn", None)
    assert refusal_of(post(ann, f"{number}/activate")) == (409, "already-withdrawn")

    number, verdict = compared(shop, ann)
    assert post(carl, f"{number}/reject", verdict).json()["state"] == "rejected"
    assert refusal_of(post(ann, f"{number}/activate")) == (409, "already-rejected")


def test_author_cannot_approve_nor_can_a_git_author_whom_the_pipeline_names(shop, first, ann, bob, carl):
    bob.email = "bob@shop.example"
    bob.save()
    named = [{"name": "Bob", "email": "BOB@shop.example"}, {"name": "Zoe", "email": "zoe@else.example"}]
    number, verdict = compared(shop, ann, authors=named)
    bundle = as_(carl).get(f"{BUNDLES}/{number}").json()
    assert (bundle["authors"], bundle["authors_without_account"]) == ([ann.pk, bob.pk], ["Zoe"])

    assert refusal_of(post(bob, f"{number}/approve", verdict)) == (403, "own-change")
    assert refusal_of(post(ann, f"{number}/approve", verdict)) == (403, "not-an-approver")
    assert not Verdict.objects.filter(publication=number).exists()


def test_somebody_without_a_role_here_can_do_nothing(shop, first, ann, eve):
    number, verdict = compared(shop, ann)
    assert as_(eve).get(f"{BUNDLES}/{number}").status_code == 200  # a moderator reads
    before = DecisionRecord.objects.count()
    refusals = [
        publish(shop, eve),
        *(post(eve, f"{number}/{verb}", verdict) for verb in ("approve", "reject")),
        post(eve, f"{number}/schedule", {"at": "2126-01-01T00:00:00Z"}),
        *(post(eve, f"{number}/{verb}") for verb in ("activate", "withdraw")),
        post(eve, "rollback", {"bundle_id": first.pk}),
        post(eve, f"{number}/break-glass", {"reason": "because"}),
    ]
    assert {refusal_of(refusal)[0] for refusal in refusals} == {403}
    assert DecisionRecord.objects.count() == before + len(refusals) - 1  # the glass is no decision
    assert Activation.objects.count() == 1


def test_approver_of_any_role_reads_and_approves(shop, first, ann, eve, carl):
    eve.role = carl.role = "buyer"
    eve.save()
    carl.save()
    number, verdict = compared(shop, ann)
    assert refusal_of(as_(eve).get(BUNDLES)) == (403, "role-required")
    assert post(carl, f"{number}/approve", verdict).status_code == 200


@pytest.mark.parametrize(
    ("name", "code"), [("digest", "another-bundle"), ("report_digest", "another-report")]
)
def test_approval_of_other_bytes_or_another_report_is_refused(shop, first, ann, carl, name, code):
    number, verdict = compared(shop, ann)
    assert refusal_of(post(carl, f"{number}/approve", verdict | {name: "sha256:0"})) == (409, code)


def test_bundle_with_an_error_is_refused_with_its_place_and_nothing_is_stored(shop, ann):
    shop.edit("amount <= limit", "amout <= limit")
    refused = publish(shop, ann)
    assert refusal_of(refused) == (422, "bundle-refused")
    error = problem_of(refused)["errors"][0]
    assert error["pointer"] == "/files/fees.yaml"
    assert error["message"].startswith("policies/fees.yaml:11:23: unknown name `amout`")
    assert not Publication.objects.exists()


def test_name_that_leads_elsewhere_is_refused(shop, ann):
    refused = as_(ann).post(BUNDLES, {"files": shop.texts() | {"../fees.yaml": ""}})
    assert refusal_of(refused) == (422, "bundle-refused")
    assert [error["pointer"] for error in problem_of(refused)["errors"]] == ["/files/..~1fees.yaml"]


def test_repeated_request_publishes_once(shop, ann):
    body, caller = {"files": shop.texts()}, as_(ann)
    one, two = (caller.post(BUNDLES, body, **{"Idempotency-Key": "run-7"}) for _ in range(2))
    assert (two.json(), two["Idempotency-Replayed"]) == (one.json(), "true")
    assert Publication.objects.count() == 1


def test_process_checks_one_bundle_at_a_time(shop, first, ann):
    with CHECKING:
        refusals = [publish(shop, ann), post(ann, f"{first.pk}/report")]
    assert [refusal_of(refusal) for refusal in refusals] == [(503, "checks-busy")] * 2
    assert refusals[0]["Retry-After"] == "10"
    assert publish(shop, ann).status_code == 201


def test_list_costs_as_much_for_many_as_for_one(shop, first, ann, django_assert_num_queries):
    caller = as_(ann)
    with CaptureQueriesContext(connection) as one:
        caller.get(BUNDLES)
    for _ in range(5):
        shop.publish()
    with django_assert_num_queries(len(one)):
        assert len(caller.get(BUNDLES).json()["items"]) == 6
