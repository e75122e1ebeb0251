"""The pages about recorded decisions: the search, one decision, and what they never show."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from decisions import Subject, bundles, decide
from decisions.chain import seal_log
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User

LIST = "/console/decisions"
CANARY = "canary-7193"
CHAT = {"author_id": "1", "buyer_id": "1", "seller_id": "2", "locked_at": None}
PRIVATE = """\
policy: entry
version: 1
effective_from: 2026-01-01T00:00:00Z
summary: Members may come in.
source: the test
facts:
  member: {type: bool, show: true}
  name: {type: string, private: true}
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: named, when: member && name.startsWith("c"), then: allow, message: Come in.}
otherwise: {id: strangers, then: deny, message: Members only.}
outputs:
  called: {type: string, value: name}
"""


def recorded(
    policy: str = "chat", facts=CHAT, *, subject: int = 5, actor: int = 1, ago: int = 0
) -> DecisionRecord:
    about = Subject(kind="thing", id=subject, actor_id=actor)
    with transaction.atomic():
        decide(policy, facts, now=timezone.now() - timedelta(hours=ago), subject=about, record=True)
    return DecisionRecord.objects.latest("pk")


@pytest.fixture
def entry(policies_dir) -> None:
    (policies_dir / "entry.yaml").write_text(PRIVATE)
    bundles.reload()


def ids(page) -> list[int]:
    return [record.pk for record in page.context["found"].records]


@pytest.mark.parametrize("role", [Role.BUYER, Role.SELLER, Role.AGENT])
def test_pages_are_for_readers(client: Client, db: None, role: Role) -> None:
    record = recorded()
    paths = [LIST, f"{LIST}/{record.pk}"]
    assert {client.get(path).status_code for path in paths} == {302}
    client.force_login(User.objects.create_user("somebody", role=role))
    assert {client.get(path).status_code for path in paths} == {403}


def test_search_finds_by_each_field(owner_client):
    first = recorded(subject=7, actor=3, ago=5)
    second = recorded(facts={**CHAT, "author_id": "9"}, subject=8, actor=4)
    wanted = {
        "policy=chat": [second.pk, first.pk],
        "policy=retention": [],
        "policy=chat&outcome=deny": [second.pk],
        "outcome=allow": [first.pk],
        "rule=participant": [first.pk],
        "subject=7": [first.pk],
        "person=4": [second.pk],
        f"since={timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}": [second.pk],
        f"until={timezone.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}": [first.pk],
    }
    assert {query: ids(owner_client.get(f"{LIST}?{query}")) for query in wanted} == wanted


def test_search_goes_on_where_the_page_ended(owner_client, monkeypatch):
    monkeypatch.setattr("decisions.search.PAGE", 2)
    pks = [recorded().pk for _ in range(3)]
    page = owner_client.get(f"{LIST}?policy=chat")
    assert ids(page) == pks[:0:-1]
    assert ids(owner_client.get(f"{LIST}?{page.context['next']}")) == pks[:1]


@pytest.mark.parametrize(
    "query", ["subject=many", "person=-1", f"subject={'9' * 30}", "since=yesterday", "until=9"]
)
def test_invalid_field_is_reported(owner_client, query):
    answer = owner_client.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.text.count('aria-invalid="true"')) == (422, 1)


def test_decision_says_what_why_and_why_not(owner_client):
    record = recorded()
    page = owner_client.get(f"{LIST}/{record.pk}")
    text = " ".join(page.text.split())
    assert '<span class="outcome allow">Allow</span>' in text
    assert "The chat is open." in text
    assert "<i>is party</i> holds and <i>locked</i> does not hold" in text
    assert "<b>participant</b> decides: allow" in text
    assert "chat-locked does not apply: <i>locked</i> does not hold" in text
    assert "Not sealed yet" in text
    seal_log(now=timezone.now())
    assert "Sealed by head 1" in owner_client.get(f"{LIST}/{record.pk}").text
    assert "the answer is the same" in owner_client.get(f"{LIST}/{record.pk}?replay=yes").text


def test_private_fact_is_on_no_page(owner_client, entry):
    """Neither the fact nor the output that tells it."""
    record = recorded("entry", {"member": True, "name": CANARY})
    broken = recorded("entry", {"member": True, "name": [CANARY]})
    for path in (
        LIST, f"{LIST}/{record.pk}", f"{LIST}/{record.pk}?replay=yes", f"{LIST}/{broken.pk}", "/console/",
        f"/console/try/entry?decision={record.pk}",
    ):  # fmt: skip
        page = owner_client.get(path)
        assert (page.status_code, CANARY in page.text) == (200, False), path
    assert "named" in owner_client.get(f"{LIST}/{record.pk}").text


@pytest.mark.parametrize("number", ["999999", "9" * 18, "9" * 30])
def test_unknown_decision_is_not_found(owner_client, number):
    answer = owner_client.get(f"{LIST}/{number}")
    assert (answer.status_code, "There is no such page" in answer.text) == (404, True)


def test_pages_cost_a_fixed_number_of_queries(owner_client, django_assert_num_queries):
    for _ in range(5):
        record = recorded()
    owner_client.get(f"{LIST}/{record.pk}")
    with django_assert_num_queries(3):  # session, user, one page of records
        owner_client.get(LIST)
    with django_assert_num_queries(4):  # session, user, the record, its head
        owner_client.get(f"{LIST}/{record.pk}")
