"""The pages about policies: what they say, what they find, and who may read them."""

import pytest
from django.test import Client
from django.utils.html import escape

from decisions import bundles
from marketplace.accounts.models import Role, User
from tests.editable_policies import add_version

LIST = "/console/policies"
CHAT = f"{LIST}/chat"
SEATS = """\
policy: seats
version: 1
effective_from: 2026-01-01T00:00:00Z
summary: Who gets a seat.
source: the test
facts:
  guests: {type: int, min: 0, max: 100}
parameters:
  sizes:
    help: From how many guests which table is taken.
    table: {size: {enum: [small, large]}, from: int}
    key: [size]
    rows:
      - [small, 2]
      - [large, 8]
outcomes: [seated, refused]
on_error: refused
rules:
  - {id: seat, for_each: {row: sizes}, when: guests >= row.from, then: seated, message: "Take the {row.size} table."}
otherwise: {id: alone, then: refused}
"""
PATHS = [LIST, f"{LIST}?q=seller", CHAT, f"{CHAT}?version=1", f"{CHAT}/compare?old=1&new=1"]


@pytest.mark.parametrize("role", [Role.BUYER, Role.SELLER, Role.AGENT])
def test_pages_are_for_readers(client: Client, db: None, role: Role) -> None:
    assert {client.get(path).status_code for path in PATHS} == {302}
    client.force_login(User.objects.create_user("somebody", role=role))
    refused = [client.get(path) for path in PATHS]
    assert {answer.status_code for answer in refused} == {403}
    assert "policy owners, moderators and testers" in refused[0].text


def test_every_policy_has_its_page(owner_client):
    listed = owner_client.get(LIST)
    names = [page.name for page in listed.context["pages"]]
    assert sorted(names) == sorted(bundles.in_force().policies)
    assert {owner_client.get(f"{LIST}/{name}").status_code for name in names} == {200}


def test_page_says_the_rules_in_sentences_with_their_cases(owner_client):
    page = owner_client.get(f"{LIST}/review_eligibility")
    text = " ".join(page.text.split())
    assert (
        '<b>deny</b> unless <a class="ref" href="#named-seller_confirmed">seller confirmed</a> holds' in text
    )
    assert "You cannot review your own product." in text
    for rule in page.context["page"].rules:
        assert rule.cases != (), rule.id
        assert escape(rule.cases[0].name) in text


def test_row_that_can_never_apply_is_greyed_and_says_why(owner_client, policies_dir):
    (policies_dir / "seats.yaml").write_text(SEATS)
    bundles.reload()
    page = owner_client.get(f"{LIST}/seats")
    [table] = page.context["page"].tables
    assert [row.never is None for row in table.rows] == [True, False]
    assert page.text.count('<tr class="never">') == 1


def test_search_finds_words_in_every_part(owner_client):
    found = owner_client.get(LIST, {"q": "LEGAL hold"}).context["found"]
    assert {hit.policy for hit in found} == {"retention"}
    page = owner_client.get(f"{LIST}/retention").text
    for hit in found:
        if hit.policy == "retention":
            assert f'id="{hit.anchor}"' in page
    assert "Nothing has all of these words." in owner_client.get(LIST, {"q": "no such words"}).text


def test_versions_are_told_and_compared(owner_client, policies_dir):
    add_version(policies_dir / "chat.yaml", "2190-01-01T00:00:00Z", "The chat is open.", "It is open.")
    bundles.reload()
    page = owner_client.get(CHAT).text
    assert "scheduled at 2190-01-01T00:00:00Z" in page
    assert "It is open." in owner_client.get(f"{CHAT}?version=2").text
    compared = owner_client.get(f"{CHAT}/compare", {"old": 1, "new": 2})
    assert len(compared.context["changes"]) == 2  # the moment and the message
    assert "<b>It is open.</b>" in compared.text
    assert "`" not in compared.text


@pytest.mark.parametrize("path", [f"{LIST}/no_such", f"{CHAT}?version=9", f"{CHAT}/compare?old=x&new=1"])
def test_what_there_is_not_is_not_found(owner_client, path):
    assert owner_client.get(path).status_code == 404


def test_pages_cost_two_queries(owner_client, django_assert_num_queries):
    for path in PATHS:
        owner_client.get(path)
        with django_assert_num_queries(2):  # the session and the user
            owner_client.get(path)
