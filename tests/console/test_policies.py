"""The pages about policies: what they say, what they find, and who may read them."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils.html import escape

from console.beside import Beside
from decisions import bundles
from marketplace.accounts.models import Role, User
from marketplace.publishing.checking import CHECKING
from marketplace.publishing.services import break_glass
from tests.console.test_home import record
from tests.editable_policies import add_version
from tests.marketplace.factories import NOW
from tests.marketplace.publishing.bundle import CLAIMS

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
CLAIM = """never: 'outcome == "fee" && amount < 2'}"""
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


def test_placeholder_of_a_row_is_told_from_the_sentence(owner_client):
    text = text_of(owner_client.get(f"{LIST}/moderation_profiles"))
    assert "because it reads as: [row’s category ]. [row’s mend ]" in text


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


def test_search_passes_over_the_words_between_names(owner_client):
    """Every second sentence says `holds`."""
    found = owner_client.get(LIST, {"q": "hold"}).context["found"]
    assert ("retention", "legal hold") in {(hit.policy, hit.name) for hit in found}
    assert "chat" not in {hit.policy for hit in found}


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


def test_pages_cost_two_queries_and_one_for_the_log(owner_client, django_assert_num_queries):
    for path in PATHS:
        owner_client.get(path)
        shows_rules = path.partition("?")[0] == CHAT
        with django_assert_num_queries(3 if shows_rules else 2):  # the session, the user, and the log
            owner_client.get(path)


def text_of(page) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page.text).split())


def test_rule_has_its_cases_coverage_and_number_of_decisions_beside_it(shop, owner_client, settings):
    shop.edit(
        "  - {name: large, facts: {amount: 1000}, expect: {outcome: fee, rule: large}}\n",
        "",
        "cases/fees.yaml",
    )
    shop.edit(CLAIM, "given: amount < 2, always: rule == 'small'}", "policies/claims.yaml")
    settings.COMITY_CASES_DIR = shop.folder / "cases"
    for rule, version in (("small", 1), ("small", 1), ("small", 2), ("large", 1)):
        record(policy="fees", rule=rule, version=version)
    page = owner_client.get(f"{LIST}/fees")
    assert page.context["beside"] == {
        "small": Beside(misses=(), decided=2, claims=("small-is-free",)),
        "large": Beside(misses=("large",), decided=1, claims=()),
    }
    text = text_of(page)
    assert "Cases reach 1 of 2 rules. Numbers of decisions are of the newest 4." in text
    assert "Decided 2 times lately. The claim that names it: small-is-free ." in text
    assert "Decided 1 time lately. No case reaches it." in text
    assert "always: rule is “small” provided that amount is less than 2 test" in text


def test_cases_and_claims_come_from_the_bundle_in_force(shop, first, owner_client, settings, follows_bundles):
    """Not from the folders, which may be ahead of it."""
    settings.COMITY_CASES_DIR = shop.folder / "cases"
    bundles.reload()
    shop.edit("name: small,", "name: tiny,", "cases/fees.yaml")
    (shop.folder / "policies" / "claims.yaml").unlink()

    def shown() -> tuple[list[str], list[str]]:
        page = owner_client.get(f"{LIST}/fees").context
        return [case.name for case in page["page"].rules[0].cases], [
            claim.id for claim in page["page"].claims
        ]

    assert shown() == (["small"], ["small-is-free"])
    (shop.folder / "policies" / "claims.yaml").write_text(CLAIMS.replace("small-is-free", "tiny-is-free"))
    second = shop.publish()
    break_glass(actor=None, publication=second, reason="test", now=NOW)
    bundles.reload()
    assert shown() == (["tiny"], ["tiny-is-free"])


def write_seats(policies_dir: Path, before: str, after: str) -> None:
    """Two versions that differ in this."""
    assert before in SEATS
    later = SEATS.replace("version: 1", "version: 2").replace("2026", "2027").replace(before, after)
    (policies_dir / "seats.yaml").write_text(f"{SEATS}---\n{later}")


def test_versions_are_compared_by_the_facts_that_decide_otherwise(owner_client, policies_dir):
    write_seats(policies_dir, "[small, 2]", "[small, 3]")
    bundles.reload()
    asked = {"old": 1, "new": 2}
    assert "Find such facts" in owner_client.get(f"{LIST}/seats/compare", asked).text
    page = owner_client.get(f"{LIST}/seats/compare", asked | {"otherwise": "yes"})
    [change] = page.context["otherwise"]
    assert change.facts == {"guests": 2}
    assert [(side, decision["outcome"]) for side, decision in change.decisions] == [
        ("Before", "seated"),
        ("After", "refused"),
    ]
    assert "seats: seated becomes refused" in text_of(page)
    with CHECKING:
        again = owner_client.get(f"{LIST}/seats/compare", {"old": 2, "new": 1, "otherwise": "yes"})
    assert (again.status_code, "busy with another comparison" in again.text) == (503, True)


def test_what_the_budget_leaves_open_is_said(owner_client, policies_dir, monkeypatch):
    monkeypatch.setattr("console.policies.EFFORT", 1)
    write_seats(policies_dir, "[small, 2]", "[small, 3]")
    bundles.reload()
    page = owner_client.get(f"{LIST}/seats/compare", {"old": 1, "new": 2, "otherwise": "yes"})
    assert page.context["not_proven"] != []
    assert "not proven that there is no change" in text_of(page)
    assert "every decision stays" not in page.text
