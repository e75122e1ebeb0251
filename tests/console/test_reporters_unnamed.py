"""Whoever reads all decisions does not learn who reported a text."""

import pytest
from django.test import Client
from django.utils import timezone

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.accounts.services import issue_token
from marketplace.chats.services import send_message
from marketplace.desk.appealing import appeal_report, rule_on_appeal
from marketplace.desk.reporting import report_text
from marketplace.moderation.models import AppealVerdict, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from tests.marketplace.factories import make_order, make_product, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = 98_765
"""The reporter's, which stands nowhere else on a page."""
DECISIONS = "/console/decisions"


@pytest.fixture
def reporter(db: None) -> User:
    return User.objects.create_user("sam", pk=NUMBER, role=Role.SELLER)


@pytest.fixture
def records(bea: User, reporter: User, moderator: User, mia: User) -> list[DecisionRecord]:
    """Of a report, the reporter's appeal, and the ruling on it."""
    now = timezone.now()
    chat = make_order(bea, make_product(reporter)).chat_id
    message = send_message(author=bea, chat_id=chat, text="Is it oak?", now=now)
    report = report_text(reader=reporter, kind="chat_message", text_id=message.pk, because="spam", now=now)
    claim_item(moderator=mia, item_id=report.item_id, now=now)
    resolve_item(moderator=mia, item_id=report.item_id, verdict=Verdict.OVERTURN, reason="Fine.", now=now)
    appeal = appeal_report(appellant=reporter, report_id=report.pk, because="harmful", now=now)
    rule_on_appeal(
        moderator=moderator, appeal_id=appeal.pk, verdict=AppealVerdict.UPHOLD, reason="Fine.", now=now
    )
    found = list(DecisionRecord.objects.filter(policy="appeals").order_by("pk"))
    assert [record.facts["action"] for record in found] == ["report", "appeal", "rule"]
    assert all(str(NUMBER) in record.facts.values() for record in found)
    return found


@pytest.fixture
def readers(moderator_client: Client, owner_client: Client) -> list[Client]:
    tester = make_user("tia", Role.POLICY_OWNER)
    browser = Client()
    browser.force_login(tester)
    return [moderator_client, owner_client, browser]


def test_pages_do_not_name_the_reporter(records, readers):
    for browser in readers:
        for record in records:
            for path in (f"{DECISIONS}/{record.pk}", f"/console/try/appeals?decision={record.pk}"):
                page = browser.get(path)
                assert (page.status_code, str(NUMBER) in page.text) == (200, False), path
        assert str(NUMBER) not in browser.get(f"{DECISIONS}?policy=appeals").text


def test_whoever_ruled_is_named(records, moderator, owner_client):
    assert f"asked by person {moderator.pk}" in owner_client.get(f"{DECISIONS}/{records[2].pk}").text


def test_search_by_person_finds_none_of_their_reports(records, reporter, bea, moderator, owner_client):
    def found(person: User) -> set[int]:
        return {
            each.pk for each in owner_client.get(f"{DECISIONS}?person={person.pk}").context["found"].records
        }

    report, appeal, ruling = (record.pk for record in records)
    assert found(reporter).isdisjoint({report, appeal})
    assert ruling in found(moderator) and found(bea)


def test_api_does_not_name_the_reporter_either(records, moderator, reporter):
    def facts(reader: User, record: DecisionRecord) -> dict[str, object]:
        bearer = {"Authorization": f"Bearer {issue_token(user=reader, now=timezone.now())}"}
        answer = Client().get(f"/api/v1/decisions/{record.pk}", headers=bearer)
        assert answer.status_code == 200
        return answer.json()["facts"]

    for record in records:
        assert str(NUMBER) not in facts(moderator, record).values()
    assert facts(moderator, records[2])["actor_id"] == str(moderator.pk)
    assert facts(reporter, records[0])["action"] == "report"


def test_author_who_is_a_moderator_does_not_learn_it_from_the_list_of_appeals(records, bea, mia):
    def appellants(reader: User) -> list[int]:
        bearer = {"Authorization": f"Bearer {issue_token(user=reader, now=timezone.now())}"}
        answer = Client().get("/api/v1/moderation/appeals", headers=bearer)
        return [each["appellant_id"] for each in answer.json()["items"]]

    User.objects.filter(pk=bea.pk).update(role=Role.MODERATOR)
    bea.refresh_from_db()
    assert (appellants(bea), appellants(mia)) == ([], [NUMBER])
