"""The ways in, and the start page of those who read policies and decisions."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from decisions import bundles
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.moderation.models import Kind, QueueItem
from marketplace.publishing.services import break_glass
from tests.editable_policies import add_version
from tests.marketplace.factories import NOW, make_user


def record(
    outcome: str = "allow", *, rule: str = "open", ago: timedelta = timedelta(0), **fields
) -> DecisionRecord:
    about = {"policy": "chat", "version": 1, "digest": "sha256:0", "subject_kind": "chat", "subject_id": 1}
    given = {"facts": {}, "duration_us": 1, "decided_at": timezone.now() - ago}
    return DecisionRecord.objects.create(**about | given | {"outcome": outcome, "rule": rule} | fields)


def flag(author: User, *, urgent: bool) -> QueueItem:
    about = {
        "kind": Kind.CHAT_MESSAGE,
        "thread_kind": "chat",
        "thread_id": 1,
        "language": "en",
        "signals": [],
    }
    return QueueItem.objects.create(
        author=author, decision=record(), urgent=urgent, held=False, created_at=NOW, **about
    )


def test_stranger_sees_the_ways_in(client: Client, db: None) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert re.findall("<main.*</main>", answer.text, re.S)[0].count("<a href=") == 4
    for link in re.findall("<main.*</main>", answer.text, re.S)[0].split('href="')[1:]:
        assert client.get(link.partition('"')[0]).status_code == 200


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.MODERATOR, "/console/", 200),
        (Role.POLICY_OWNER, "/console/", 200),
        (Role.BUYER, "/console/mine", 200),
        (Role.AGENT, "/console/mine", 200),
    ],
)
def test_person_who_is_signed_in_comes_to_their_page(db: None, role: Role, path: str, status: int) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("bea", role=role))
    answer = browser.get("/", follow=True)
    assert (answer.redirect_chain[-1], answer.status_code) == ((path, 302), status)


def test_tester_needs_only_the_permission(db: None) -> None:
    tester = User.objects.create_user("tia", role=Role.BUYER)
    tester.user_permissions.add(Permission.objects.get(codename="view_decisionrecord"))
    browser = Client()
    browser.force_login(tester)
    page = browser.get("/console/")
    assert (page.status_code, ">Try a text<" in page.text) == (200, False)


def test_stranger_is_asked_to_sign_in(client: Client, db: None) -> None:
    answer = client.get("/console/", follow=True)
    assert answer.redirect_chain[-1] == ("/console/sign-in?next=/console/", 302)
    assert answer.status_code == 200


def test_console_without_its_slash_is_found(client: Client, db: None) -> None:
    assert client.get("/console", follow=True).status_code == 200


@pytest.mark.parametrize("address", ["/", "/console/"])
def test_nothing_is_posted_there(client: Client, db: None, address: str) -> None:
    assert client.post(address).status_code == 405


def test_decisions_are_counted_by_outcome_and_hour(owner_client: Client) -> None:
    for _ in range(3):
        record("deny")
    record("allow", ago=timedelta(hours=1))
    record("allow", ago=timedelta(hours=30))
    page = owner_client.get("/console/")
    series = [(each.name, each.total) for each in page.context["picture"].series]
    assert series == [("deny", 3), ("allow", 1)]
    assert page.context["activity"].total == 4
    heights = [bar.height for bar in page.context["picture"].bars]
    assert sorted(heights) == [48, 144]


def test_fail_safe_answer_is_counted_apart_and_listed(owner_client: Client) -> None:
    record("deny", rule="on-error", reason="missing-fact:locked_at")
    page = owner_client.get("/console/")
    assert [(each.name, each.style) for each in page.context["picture"].series] == [("fail-safe", "s0")]
    assert "missing fact: locked at" in page.text


def test_busy_log_is_counted_up_to_a_limit_and_says_so(owner_client: Client, monkeypatch) -> None:
    monkeypatch.setattr("decisions.activity.NEWEST", 2)
    monkeypatch.setattr("console.home.NEWEST", 2)
    for _ in range(3):
        record()
    page = owner_client.get("/console/")
    assert (page.context["activity"].total, "the newest 2 decisions" in page.text) == (2, True)


def test_page_says_what_decides_and_what_changes_next(owner_client, policies_dir):
    add_version(policies_dir / "chat.yaml", "2190-01-01T00:00:00Z", "The chat is open.", "It is open.")
    bundles.reload()
    page = owner_client.get("/console/")
    [change] = page.context["changes"]
    assert change == (datetime(2190, 1, 1, tzinfo=UTC), "chat", 1, 2)
    assert "2190-01-01 00:00 UTC" in page.text
    assert page.context["policies"] == len(bundles.in_force().policies)


def test_broken_folder_is_reported_with_its_place(owner_client, policies_dir):
    bundles.reload()
    (policies_dir / "chat.yaml").write_text("policy: [")
    bundles.reload()
    page = owner_client.get("/console/").text
    assert "the last good bundle decides" in page
    assert "policies/chat.yaml:1" in page


def test_page_costs_eight_queries(owner_client, django_assert_num_queries):
    record("deny", rule="on-error")
    owner_client.get("/console/")
    with django_assert_num_queries(8):  # session, user, three for the log, and three for what waits
        owner_client.get("/console/")


def test_page_says_what_waits_for_whom(shop, first, ann, bob, carl, eve):
    """A bundle waits for those who may judge it, then for those who may put it in force; an author judges nothing."""

    def waits(user: User) -> list[tuple[str, int]] | None:
        client = Client()
        client.force_login(user)
        waiting = client.get("/console/").context["waiting"]
        return [(each.action, each.publication.pk) for each in waiting.bundles] if waiting else None

    shop.edit("value: 100", "value: 200")
    second = shop.publish()
    judge = [("approve", second.pk)]
    assert [waits(user) for user in (ann, bob, carl, eve)] == [[], judge, judge, []]
    shop.approve(second, shop.report(second))
    put = [("activate", second.pk)]
    assert [waits(user) for user in (ann, bob, carl, eve)] == [put, put, put, []]
    shop.activate(second)
    assert [waits(user) for user in (ann, bob, carl, eve)] == [[], [], [], []]


def test_forced_bundle_waits_for_its_review(shop, first, bob, carl):
    shop.edit("value: 100", "value: 200")
    forced = break_glass(actor=bob, publication=shop.publish(), reason="the shop is down", now=NOW)
    client = Client()
    for user, reviews in ((bob, []), (carl, [forced])):
        client.force_login(user)
        page = client.get("/console/")
        assert [activation for activation, _ in page.context["waiting"].reviews] == reviews
        assert (f"Review bundle {forced.publication_id}" in page.text) == bool(reviews)


def test_tester_waits_for_nothing_and_a_moderator_for_texts_of_others(owner_client, moderator):
    flag(author=moderator, urgent=True)
    flag(author=make_user("bea", Role.BUYER), urgent=True)
    flag(author=make_user("ben", Role.BUYER), urgent=False)
    client = Client()
    client.force_login(moderator)
    waiting = client.get("/console/").context["waiting"]
    assert (waiting.queue, waiting.urgent) == (2, 1)
    assert owner_client.get("/console/").context["waiting"].queue == 0
    tester = make_user("tia", Role.BUYER)
    tester.user_permissions.add(Permission.objects.get(codename="view_decisionrecord"))
    client.force_login(tester)
    assert client.get("/console/").context["waiting"] is None
