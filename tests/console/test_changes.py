"""Changes on the console: what each person sees and may do, what takes force, and how it is taken back."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from decisions import bundles
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.publishing.checking import CHECKING
from marketplace.publishing.models import Activation, Publication, Report, Verdict, Withdrawal
from marketplace.publishing.people import approvers
from marketplace.publishing.queries import active, scheduled, state_of
from marketplace.publishing.services import break_glass
from tests.console.forms import form_of
from tests.marketplace.factories import LATER, NOW, make_user
from tests.marketplace.publishing.bundle import Bundles

pytestmark = pytest.mark.full_on("postgresql")  # tests/marketplace/publishing is about the database

LIST = "/console/changes"
STEP = r'name="do" value="(\w+)"'
HIGHER = ("value: 100", "value: 200")


@pytest.fixture
def edited(shop: Bundles, first: Publication) -> Publication:
    """Published and compared, while `first` is in force."""
    shop.edit(*HIGHER)
    publication = shop.publish()
    shop.report(publication)
    return publication


def as_(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def page_of(publication: Publication) -> str:
    return f"{LIST}/{publication.pk}"


def take(user: User, publication: Publication, step: str, **given: str):
    """Submits the form of a step as the page shows it, without JavaScript, and follows."""
    client = as_(user)
    page = client.get(page_of(publication))
    return client.post(page_of(publication), form_of(page.text, step) | given, follow=True)


def steps_of(user: User, publication: Publication) -> set[str]:
    return set(re.findall(STEP, as_(user).get(page_of(publication)).text))


def text_of(answer) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.text).split())


def test_approver_takes_a_change_into_force_and_back(shop, first, carl):
    shop.edit(*HIGHER)
    second = shop.publish()
    assert steps_of(carl, second) == {"compare", "withdraw"}
    assert "is compared with what is in force" in text_of(take(carl, second, "compare"))
    page = as_(carl).get(page_of(second))
    assert "The parameter `limit` was changed".replace("`", "") in text_of(page)
    assert "value was 100 , and is 200" in text_of(page)
    assert "fee becomes free" in text_of(page)
    assert "0 of 1 that this kind of change needs" in text_of(page)
    report = Report.objects.get(publication=second)
    assert second.digest in page.text and report.digest in page.text

    assert "You approved" in text_of(take(carl, second, "approve", reason="seen"))
    [verdict] = Verdict.objects.filter(publication=second)
    assert (verdict.bundle_digest, verdict.report_digest, verdict.reason) == (
        second.digest,
        report.digest,
        "seen",
    )
    assert "is in force" in text_of(take(carl, second, "activate"))
    assert active().publication == second
    assert "is in force again" in text_of(take(carl, second, "roll_back", reason="too much"))
    assert active().publication == first
    rules = DecisionRecord.objects.filter(actor_id=carl.pk).order_by("pk").values_list("rule", flat=True)
    assert list(rules)[-3:] == ["approve-allowed", "activate-allowed", "roll-back-allowed"]


def test_longer_reason_is_refused_and_not_cut(shop, first, carl):
    shop.edit(*HIGHER)
    second = shop.publish()
    page = take(carl, second, "withdraw", reason="a" * 1_001)
    assert (page.status_code, "at most 1,000 characters" in text_of(page)) == (422, True)
    assert not Withdrawal.objects.exists()


def test_page_names_what_is_claimed_proven_and_tried(edited, carl):
    text = text_of(as_(carl).get(page_of(edited)))
    for said in (
        "1 proven",
        "small-is-free fees 1",
        "2 passed",
        "Files changed: fees.yaml",
        "Written by ann",
        "amount 101",
    ):
        assert said in text
    lines = text_of(as_(carl).get(page_of(edited), {"texts": "yes"}))
    assert "+ limit: {type: int, value: 200" in lines
    assert "- limit: {type: int, value: 100" in lines


def test_who_may_not_sees_why_instead_of_a_button(edited, ann, bob, carl, eve):
    judges = {"approve", "reject", "withdraw"}
    later = "Put in force or schedule: not now. More people have to approve"
    before = DecisionRecord.objects.count()
    for user, steps, why in (
        (ann, {"withdraw"}, "Approve, reject: not now. Only an approver can do this."),
        (carl, judges, later),
        (bob, judges, later),
        (
            eve,
            set(),
            "Approve, reject, put in force or schedule, withdraw: not now. Only policy owners and approvers",
        ),
    ):
        page = as_(user).get(page_of(edited))
        assert set(re.findall(STEP, page.text)) == steps
        assert why in text_of(page)
    assert DecisionRecord.objects.count() == before  # to show is not to decide


def test_page_says_whom_to_ask_for_an_approval(shop, edited, ann, bob, carl):
    def asked(publication: Publication) -> list[str] | None:
        return as_(ann).get(page_of(publication)).context["can_approve"]

    assert asked(edited) == ["bob", "carl"]
    assert "Can approve bob, carl" in text_of(as_(ann).get(page_of(edited)))
    shop.approve(edited, shop.report(edited))
    assert asked(edited) is None
    shop.edit("value: 200", "value: 210")
    by_bob = shop.publish(by=bob)
    shop.report(by_bob)
    assert asked(by_bob) == ["carl"]
    carl.groups.clear()
    assert "nobody who is not an author" in text_of(as_(ann).get(page_of(by_bob)))


def test_form_that_was_made_up_is_refused_and_recorded(first, edited, eve, ann):
    report = Report.objects.get(publication=edited)
    seen = {"digest": edited.digest, "report_digest": report.digest, "reason": "so", "to": str(first.pk)}
    for user, steps in (
        (eve, ("approve", "reject", "activate", "withdraw", "roll_back")),
        (ann, ("approve",)),
    ):
        client = Client()
        client.force_login(user)
        for step in steps:
            before = DecisionRecord.objects.count()
            assert client.post(page_of(edited), seen | {"do": step}).status_code == 403
            assert DecisionRecord.objects.count() == before + 1
    assert (state_of(edited), Verdict.objects.filter(publication=edited).count()) == ("published", 0)


def test_author_since_the_bundle_in_force_cannot_approve(shop, first, bob):
    shop.edit(*HIGHER)
    shop.publish(by=bob)
    shop.edit("value: 200", "value: 300")
    publication = shop.publish()
    shop.report(publication)
    page = text_of(as_(bob).get(page_of(publication)))
    assert "Approve: not now. Somebody else has to approve what you changed." in page
    assert "Also authors bob published since the last approved bundle" in page


def test_other_bytes_than_those_seen_are_refused(shop, edited, carl):
    client = as_(carl)

    def is_refused(step: str) -> None:
        form = form_of(client.get(page_of(edited)).text, step) | {"at": "2126-01-01T00:00"}
        for digest, said in (("digest", "has another digest"), ("report_digest", "The newest report about")):
            answer = client.post(page_of(edited), form | {digest: "sha256:0"})
            assert (answer.status_code, said in text_of(answer)) == (409, True)

    is_refused("approve")
    assert not Verdict.objects.filter(publication=edited).exists()
    shop.approve(edited, Report.objects.get(publication=edited))
    is_refused("activate")
    is_refused("schedule")
    assert (active().publication == edited, scheduled(), state_of(edited)) == (False, None, "published")


def test_report_that_another_activation_outdated_is_not_approved(shop, edited, carl):
    client = as_(carl)
    form = form_of(client.get(page_of(edited)).text, "approve")
    shop.edit("value: 200", "value: 300")
    shop.put_in_force()
    answer = client.post(page_of(edited), form)
    assert (answer.status_code, state_of(edited)) == (409, "published")
    assert "There is no report that compares this bundle with the one in force" in text_of(answer)


def test_rejection_needs_a_reason(edited, carl):
    assert take(carl, edited, "reject", do="delete").status_code == 422
    answer = take(carl, edited, "reject", reason="  ")
    assert (answer.status_code, state_of(edited)) == (422, "published")
    assert "Say why you reject the bundle" in text_of(answer)
    take(carl, edited, "reject", reason="too dear")
    assert (state_of(edited), steps_of(carl, edited)) == ("rejected", {"withdraw"})
    assert "rejected by carl: too dear" in text_of(as_(carl).get(page_of(edited)))


def test_schedule_reads_the_calendar_in_its_zone_and_is_withdrawn(shop, edited, carl):
    shop.approve(edited, Report.objects.get(publication=edited))
    answer = take(carl, edited, "schedule", at="2126-03-01T09:15", offset="+05:45")
    assert "takes force on 2126-03-01 03:30 UTC" in text_of(answer)
    assert scheduled().scheduled_for == datetime(2126, 3, 1, 3, 30, tzinfo=UTC)
    assert steps_of(carl, edited) == {"withdraw"}
    take(carl, edited, "withdraw")
    assert (state_of(edited), steps_of(carl, edited)) == ("withdrawn", set())


def test_moment_that_is_none_or_past_changes_nothing(shop, edited, carl):
    shop.approve(edited, Report.objects.get(publication=edited))
    client = as_(carl)
    form = form_of(client.get(page_of(edited)).text, "schedule")
    for at, offset, status, said in (
        ("2126-02-30T09:15", "+01:00", 422, "Choose the day"),
        ("", "+01:00", 422, "Choose the day"),
        ("2126-03-01T09:15", "Europe/Berlin", 422, "Choose the day"),
        ("2001-01-01T00:00", "+00:00", 409, "later moment only"),
    ):
        answer = client.post(page_of(edited), form | {"at": at, "offset": offset})
        assert (answer.status_code, said in text_of(answer), scheduled()) == (status, True, None)


def test_forced_bundle_is_reviewed_by_somebody_else(shop, edited, bob, carl):
    break_glass(actor=bob, publication=edited, reason="the shop is down", now=NOW)
    for path in (LIST, page_of(edited)):
        assert "You cannot review it. Somebody else has to review" in text_of(as_(bob).get(path))
        assert "the shop is down" in text_of(as_(carl).get(path))
    answer = take(carl, edited, "review", reason="it was down indeed")
    assert "You reviewed" in text_of(answer)
    assert Activation.objects.get(publication=edited).review.by == carl
    assert "Put in force without approval" not in text_of(as_(carl).get(LIST))


def test_every_page_leads_to_the_review(shop, edited, bob, carl, follows_bundles):
    break_glass(actor=bob, publication=edited, reason="the shop is down", now=LATER)
    bundles.reload()
    bundles.configured().signature()
    client = as_(carl)
    for path in ("/console/", "/console/account", LIST):
        assert "the shop is down" in client.get(path).text
        assert 'href="/console/changes#unreviewed">Review it' in client.get(path).text
    take(carl, edited, "review")
    assert "the shop is down" not in client.get("/console/").text


def test_bundle_in_force_that_is_broken_is_told_and_nothing_is_offered(edited, carl, monkeypatch):
    from marketplace.publishing import standing

    standing._bundle.cache_clear()
    load = standing.load_sources
    monkeypatch.setattr(
        standing, "load_sources", lambda sources, **options: load(list(sources)[:1], **options)
    )
    page = as_(carl).get(page_of(edited))
    assert "The bundle in force cannot decide" in text_of(page)
    assert 'name="do"' not in page.text


def test_pages_are_for_readers_and_approvers_of_any_role(edited):
    assert Client().get(LIST).status_code == 302
    for role in (Role.BUYER, Role.SELLER, Role.AGENT):
        user = make_user(f"zoe-{role}", role)
        assert {as_(user).get(path).status_code for path in (LIST, page_of(edited))} == {403}
        assert as_(user).get("/console/", follow=True).redirect_chain == [("/console/mine", 302)]
    user.groups.add(approvers())
    user = User.objects.get(pk=user.pk)
    assert {as_(user).get(path).status_code for path in (LIST, page_of(edited))} == {200}
    assert as_(user).get("/console/", follow=True).redirect_chain == [(LIST, 302)]


def test_form_without_its_token_is_refused(edited, carl):
    client = as_(carl)
    form = form_of(client.get(page_of(edited)).text, "approve")
    del form["csrfmiddlewaretoken"]
    assert client.post(page_of(edited), form).status_code == 403
    assert not Verdict.objects.filter(publication=edited).exists()


def test_process_that_is_checking_says_so(shop, first, carl):
    shop.edit(*HIGHER)
    publication = shop.publish()
    with CHECKING:
        answer = take(carl, publication, "compare")
    assert (answer.status_code, Report.objects.filter(publication=publication).exists()) == (503, False)


def test_what_there_is_not_is_not_found(first, carl):
    client = as_(carl)
    for path in (f"{LIST}/999", f"{LIST}/{'9' * 30}", f"{LIST}?before=x"):
        assert client.get(path).status_code == 404


def test_list_is_paged_and_costs_as_much_for_many(shop, first, carl, django_assert_num_queries, monkeypatch):
    client = as_(carl)
    client.get(LIST)  # loads the bundle in force
    with django_assert_num_queries(12):
        client.get(LIST)
    monkeypatch.setattr("console.changes.SHOWN", 2)
    for _ in range(3):
        shop.publish()
    with django_assert_num_queries(12):
        page = client.get(LIST)
    assert [bundle.pk for bundle, _ in page.context["entries"]] == [first.pk + 3, first.pk + 2]
    older = client.get(LIST, {"before": page.context["next"]})
    assert [bundle.pk for bundle, _ in older.context["entries"]] == [first.pk + 1, first.pk]


def test_page_costs_a_number_of_queries(edited, carl, django_assert_num_queries):
    client = as_(carl)
    client.get(page_of(edited))
    with django_assert_num_queries(28):
        client.get(page_of(edited))
