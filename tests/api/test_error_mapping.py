"""Maps each exception of the lower layers to its problem, over HTTP where possible."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import UnreadablePostError

from api.error_mapping import TROUBLE_RULES, problem_of
from decisions import bundles
from engine import PolicyNotInForce
from marketplace.chats.models import Message
from marketplace.errors import Refused
from marketplace.orders.models import Order
from tests.api.callers import Caller, refusal_of
from tests.api.callers import problem_of as document_of


def damaged() -> DatabaseError:
    error = DatabaseError("file is not a database")
    error.__cause__ = sqlite3.DatabaseError()
    error.__cause__.sqlite_errorcode = sqlite3.SQLITE_NOTADB
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("no-grant", "Nothing to review."), 409, "no-grant"),
        (RequestDataTooBig(), 413, "body-too-large"),
        (UnreadablePostError(), 400, "bad-request"),
        (PolicyNotInForce("a gap"), 503, "unavailable"),
        (damaged(), 503, "unavailable"),
    ],
)
def test_refusals_of_other_layers_are_translated(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)

    assert problem is not None
    assert (problem.status, problem.code) == (status, code)


def test_what_nobody_foresaw_is_no_problem_of_ours() -> None:
    assert problem_of(ValueError("oops")) is None


def test_rules_about_trouble_of_ours_exist() -> None:
    policies = bundles.in_force().policies

    for policy, rules in TROUBLE_RULES.items():
        declared = {entry.id for version in policies[policy].all for entry in version.entries}
        assert rules <= declared


def test_owner_says_whether_a_refusal_is_about_the_state_of_things_or_about_the_caller(
    buyer: Caller, sold: dict[str, Any], policies: Path
) -> None:
    def refused() -> tuple[int, str]:
        return refusal_of(buyer.post(f"/api/v1/chats/{sold['chat_id']}/messages", {"text": "Still here"}))

    assert refused() == (409, "chat-locked")
    edit(policies / "chat.yaml", "status: conflict", "status: forbidden")
    assert refused() == (403, "chat-locked")
    edit(policies / "chat.yaml", "    status: forbidden\n", "")
    assert refused() == (403, "chat-locked")


def test_policy_loosened_too_far_is_stopped_by_the_database(
    buyer: Caller, sold: dict[str, Any], policies: Path
) -> None:
    edit(policies / "chat.yaml", "locked: locked_at != null", "locked: locked_at != null && author_id == 'x'")

    response = buyer.post(f"/api/v1/chats/{sold['chat_id']}/messages", {"text": "Still here"})

    assert refusal_of(response) == (409, "chat-locked")
    assert set(document_of(response)) == {"type", "title", "status", "detail", "code"}
    assert Message.objects.count() == 0


def test_policy_that_asks_for_more_than_is_known_refuses_the_write(
    buyer: Caller, order: dict[str, Any], policies: Path
) -> None:
    edit(policies / "confirmation.yaml", "facts:\n", "facts:\n  mood: string\n")

    response = buyer.post(f"/api/v1/orders/{order['id']}/confirmations", {})

    assert refusal_of(response) == (503, "decision-unavailable")
    assert not Order.objects.exclude(buyer_confirmed_at=None).exists()


def edit(policy: Path, old: str, new: str) -> None:
    text = policy.read_text()
    assert old in text
    policy.write_text(text.replace(old, new))
    assert bundles.reload().healthy
