"""Whom each decision concerns: everybody else is told that it does not exist."""

from collections import defaultdict

import pytest

from decisions import bundles
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.parties import CONCERNS, access_decision
from tests.evidence import local_evidence
from tests.marketplace.factories import make_user
from tests.marketplace.life import Staff, live

pytestmark = pytest.mark.django_db

RECORDED = {
    "appeals/appeal": {"buyer", "moderator"},
    "appeals/decision": {"buyer"},
    "assistant_session/conversation": {"buyer"},
    "chat/chat": {"buyer", "seller"},
    "confirmation/order": {"buyer", "seller"},
    "confirmation/product": {"buyer", "seller"},
    "disputes/dispute": {"agent", "buyer", "seller"},
    "disputes/order": {"buyer", "seller"},
    "inbox_title/conversation": {"buyer"},
    "moderation_profiles/assistant": {"buyer"},
    "moderation_profiles/chat": {"buyer"},
    "moderation_profiles/order": {"buyer"},
    "moderation_profiles/product": {"buyer"},
    "moderation_queue/decision": {"buyer"},
    "moderation_queue/queue_item": {"buyer", "moderator"},
    "retention/dispute": {"agent", "buyer", "seller"},
    "review_eligibility/product": {"buyer", "seller"},
    "strikes/assistant": {"buyer"},
    "strikes/order": {"buyer"},
    "strikes/product": {"buyer"},
}
"""Who reads the decisions of one sale, in which an agent closes and a moderator rules."""


def test_party_reads_and_others_do_not(request, tmp_path, settings):
    local_evidence(request, settings, tmp_path / "evidence")
    staff = Staff()
    buyer = live(staff, 0, words="where")
    others = [make_user(f"other-{role}", role) for role in Role]
    names = {buyer: "buyer", staff.sam: "seller", staff.ada: "agent", staff.max: "moderator"}
    names |= dict.fromkeys(others, "somebody else")

    readers = defaultdict(set)
    for record in DecisionRecord.objects.all():
        readers[f"{record.policy}/{record.subject_kind}"] |= {
            name for user, name in names.items() if can_read(user, record)
        }

    assert readers == RECORDED


def can_read(user: User, record: DecisionRecord) -> bool:
    try:
        return access_decision(user, record.pk) == record
    except DecisionRecord.DoesNotExist:
        return False


def test_each_policy_says_whom_it_concerns_and_shows_no_private_fact():
    declared = {
        name: versions.all[-1].validated.policy.facts
        for name, versions in bundles.in_force().policies.items()
        if name != "record_retention"  # it is not recorded
    }
    assert CONCERNS.keys() == declared.keys()
    for name, concern in CONCERNS.items():
        assert concern.facts <= {fact for fact in declared[name] if not declared[name][fact].private}
