"""The page that tries facts: the form, JSON, the decision, a link, a case; and what is never on it."""

import base64
import json
from pathlib import Path

import pytest
from django.test import Client

from console.fact_form import read_facts, show_facts
from decisions import bundles
from decisions.models import DecisionRecord
from engine.cases.reader import read_cases
from engine.cases.run import run_case
from marketplace.accounts.models import Role, User
from tests.console.test_decisions import CANARY, PRIVATE
from tests.editable_policies import add_version
from tests.marketplace.publishing.bundle import FEES

TRY = "/console/try"
CHAT = f"{TRY}/chat"
FIELDS = {"author_id": "1", "buyer_id": "1", "seller_id": "2", "locked_at": ""}


def facts_of(link: str) -> dict:
    fragment = link.partition("#facts=")[2]
    return json.loads(base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)))


@pytest.fixture
def entry(policies_dir) -> None:
    (policies_dir / "entry.yaml").write_text(PRIVATE)
    bundles.reload()


@pytest.mark.parametrize("role", [Role.BUYER, Role.SELLER, Role.AGENT])
def test_pages_are_for_readers(client: Client, db: None, role: Role) -> None:
    client.force_login(User.objects.create_user("somebody", role=role))
    answers = [client.get(TRY), client.get(CHAT), client.post(CHAT, FIELDS)]
    assert {answer.status_code for answer in answers} == {403}


def test_posts_need_a_csrf_token(db):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_user("pia", role=Role.POLICY_OWNER))
    assert strict.post(CHAT, FIELDS).status_code == 403


def test_every_policy_has_its_form(owner_client):
    names = [version.name for version in owner_client.get(TRY).context["versions"]]
    assert names == sorted(bundles.in_force().policies)
    for name in names:
        page = owner_client.get(f"{TRY}/{name}")
        declared = bundles.in_force().policies[name].newest.validated.policy.facts
        assert [field.name for field in page.context["fields"]] == list(declared)


def test_form_is_decided_with_its_reasons_and_nothing_is_recorded(owner_client):
    page = owner_client.post(CHAT, FIELDS)
    assert (page.status_code, page.context["tried"].decision.rule) == (200, "participant")
    assert '<span class="outcome allow">Allow</span>' in page.text
    assert "<b>participant</b> decides: allow" in page.text
    assert DecisionRecord.objects.count() == 0


def test_moments_have_an_offset(owner_client):
    page = owner_client.post(CHAT, {**FIELDS, "locked_at": "2026-03-01T12:00", "offset": "+02:00"})
    assert page.context["tried"].decision.rule == "chat-locked"
    assert 'value="2026-03-01T10:00"' in page.text  # in UTC, as the offset of the form then says


def test_what_does_not_fit_is_told_at_its_field(owner_client):
    page = owner_client.post(CHAT, {**FIELDS, "locked_at": "soon"})
    assert (page.status_code, page.context["tried"].decision.rule) == (422, "on-error")
    [field] = [field for field in page.context["fields"] if field.error]
    assert (field.name, field.value) == ("locked_at", "soon")


def test_json_is_read_strictly(owner_client):
    facts = {"author_id": "9", "buyer_id": "1", "seller_id": "2", "locked_at": None}
    page = owner_client.post(CHAT, {"json": json.dumps(facts)})
    assert page.context["tried"].decision.rule == "not-a-party"
    assert [field.value for field in page.context["fields"]] == ["9", "1", "2", ""]
    for text in ("{", "[1]", '{"a": 1, "a": 2}', "x" * 100_001):
        refused = owner_client.post(CHAT, {"json": text})
        assert (refused.status_code, "tried" in refused.context, 'role="alert"' in refused.text) == (
            422,
            False,
            True,
        )


def test_records_are_added_and_removed_without_javascript(owner_client):
    path = f"{TRY}/review_eligibility"
    fields = {
        "buyer_id": "1",
        "seller_id": "2",
        "product_id": "3",
        "already_reviewed": "no",
        "confirmations#": "0",
    }
    page = owner_client.post(path, {**fields, "add": "confirmations"})
    assert ("tried" in page.context, "confirmations.0.party" in page.text) == (False, True)
    one = {"confirmations.0.party": "seller", "confirmations.0.by": "2", "confirmations.0.counterparty": "1",
           "confirmations.0.product_id": "3"}  # fmt: skip
    two = {key.replace(".0.", ".1."): value for key, value in one.items()}
    two |= {"confirmations.1.party": "buyer", "confirmations.1.by": "1", "confirmations.1.counterparty": "2"}
    both = {**fields, **one, **two, "confirmations#": "2"}
    assert owner_client.post(path, both).context["tried"].decision.rule == "pair-complete"
    less = owner_client.post(path, {**both, "remove": "confirmations.0"})
    [records] = [field for field in less.context["fields"] if field.kind == "records"]
    assert [part.value for part in records.parts[0].parts] == ["buyer", "1", "2", "3"]


def test_other_version_decides_beside(owner_client, policies_dir):
    add_version(
        policies_dir / "chat.yaml", "2190-01-01T00:00:00Z", "when: is_party && !locked", "when: locked"
    )
    bundles.reload()
    page = owner_client.post(CHAT, {**FIELDS, "other": "2"})
    decisions = page.context["tried"].decision, page.context["compared"].decision
    assert [(d.version, d.rule) for d in decisions] == [(1, "participant"), (2, "not-a-party")]
    assert owner_client.post(CHAT, {**FIELDS, "version": "2"}).context["tried"].decision.version == 2


def test_moment_without_a_version_is_told(owner_client):
    page = owner_client.post(CHAT, {**FIELDS, "at": "2001-01-01T00:00Z"})
    assert (page.status_code, "No version of the policy is in force" in page.text) == (422, True)


@pytest.mark.parametrize("at", ["soon", "1066-01-01T00:00Z", "9999-01-01T00:00Z"])
def test_moment_that_is_none_is_told(owner_client, at):
    page = owner_client.post(CHAT, {**FIELDS, "at": at})
    assert (page.status_code, "tried" in page.context) == (422, False)


def test_link_holds_the_facts_in_its_fragment_and_the_case_runs(owner_client, tmp_path: Path):
    page = owner_client.post(CHAT, FIELDS)
    address = page.context["link"].partition("#")[0]
    assert facts_of(page.context["link"]) == {
        "author_id": "1",
        "buyer_id": "1",
        "seller_id": "2",
        "locked_at": None,
    }
    assert "author_id" not in address
    assert owner_client.get(address).status_code == 200
    (tmp_path / "made.yaml").write_text(page.context["case"])
    [case], problems = read_cases(tmp_path / "made.yaml")
    assert (problems, run_case(bundles.in_force(), case).passed) == ((), True)


def test_private_fact_is_on_no_page(owner_client, entry):
    for fields in (
        {"member": "yes", "name": CANARY, "search": "yes"},
        {"member": "no", "name": CANARY, "search": "yes", "other": "1"},
        {"member": "maybe", "name": CANARY},
        {"json": json.dumps({"member": True, "name": [CANARY]})},
        {"json": json.dumps({"member": True, "name": CANARY})},
    ):
        page = owner_client.post(f"{TRY}/entry", fields)
        assert CANARY not in page.text
        assert set(facts_of(page.context["link"])) <= {"member"}
        assert "Add the private facts yourself: name" in page.context["case"]
    assert (
        owner_client.post(f"{TRY}/entry", {"member": "yes", "name": CANARY}).context["tried"].decision.permits
    )


def test_every_shape_of_fact_reads_back_as_it_was_shown(db):
    """What the form shows of the facts of a case is what it submits."""
    from django.http import QueryDict

    def submitted(fields) -> dict[str, list[str]]:
        posted: dict[str, list[str]] = {}
        for field in fields:
            if field.kind == "records":
                posted[f"{field.name}#"] = [str(len(field.parts))]
                posted |= submitted(part for item in field.parts for part in item.parts)
            elif field.kind == "record":
                posted |= {f"{field.name}?": ["yes"]} if field.value else {}
                posted |= submitted(field.parts)
            else:
                posted[field.name] = field.value if isinstance(field.value, list) else [field.value]
        return posted

    for name, facts in (
        ("moderation_profiles", {
            "mode": "dispute", "language": "other", "unavailable": ["threat", "spam"],
            "signals": [{"category": "spam", "score": 0.5, "detector": "lexicon", "reported": False, "quoted": True}],
            "earlier_insults": ["2026-03-01T12:00:00+00:00"],
        }),
        ("chat", {"author_id": "1", "buyer_id": " x ", "seller_id": "", "locked_at": None}),
    ):  # fmt: skip
        declared = bundles.in_force().policies[name].newest.validated.policy.facts
        query = QueryDict(mutable=True)
        for key, values in submitted(show_facts(declared, facts, {})).items():
            query.setlist(key, values)
        assert read_facts(declared, query) == facts


def test_page_costs_three_queries(owner_client, django_assert_num_queries):
    owner_client.post(CHAT, FIELDS)
    with django_assert_num_queries(3):  # the session, the user, and the published bundles
        owner_client.post(CHAT, FIELDS)


def test_published_bundle_decides_beside_the_one_in_force(shop, first, owner_client):
    shop.edit("value: 100", "value: 200")
    second = shop.publish()
    fees = f"{TRY}/fees"
    assert f'<option value="bundle-{second.pk}">bundle {second.pk}</option>' in owner_client.get(fees).text
    given = {"amount": "150", "other": f"bundle-{second.pk}"}
    page = owner_client.post(fees, given)
    compared = page.context["compared"]
    assert (page.context["tried"].decision.outcome, compared.decision.outcome) == ("fee", "free")
    assert f"version 1 of bundle {second.pk}" in page.text
    assert f"other=bundle-{second.pk}" in page.context["link"]
    assert not DecisionRecord.objects.filter(policy="fees").exists()


def test_bundle_that_cannot_decide_says_why(shop, first, owner_client, monkeypatch):
    (shop.folder / "policies" / "extra.yaml").write_text(FEES.replace("policy: fees", "policy: extra"))
    bundles.reload()
    page = owner_client.post(f"{TRY}/extra", {"amount": "1", "other": f"bundle-{first.pk}"})
    assert f"Bundle {first.pk} has no such policy." in page.text
    for other in ("bundle-999", "bundle-x", "bundle-"):
        assert owner_client.post(f"{TRY}/fees", {"amount": "1", "other": other}).status_code == 404
    page = owner_client.post(
        f"{TRY}/fees",
        {"amount": "1", "at": "2020-01-01T00:00Z", "version": "1", "other": f"bundle-{first.pk}"},
    )
    assert "is in force at that moment" in page.context["not_compared"]
