"""`manage.py desk`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from decisions import Denied
from marketplace.chats.services import send_message
from marketplace.desk.appealing import appeal_decision, rule_on_appeal
from marketplace.moderation.models import AppealVerdict, BlockedText
from tests.marketplace.factories import LATER, NOW, complete

pytestmark = pytest.mark.django_db(transaction=True)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("desk", *arguments, stdout=out)
    return out.getvalue()


def test_month_and_proposed_cases_have_counts_and_signals_only(order, bea, mia):
    assert said("cases") == ""
    with pytest.raises(Denied):
        send_message(author=bea, chat_id=order.chat_id, text="quokka threat:0.99", now=NOW)
    opened = appeal_decision(
        appellant=bea, decision_id=BlockedText.objects.get().decision_id, because="joke", now=NOW
    )
    rule_on_appeal(
        moderator=mia, appeal_id=opened.pk, verdict=AppealVerdict.OVERTURN, reason="quokka", now=LATER
    )
    complete(order)
    assert said("month", "2026-11") == (
        "2026-11, in UTC\n"
        "refusals: 1\n"
        "  moderation_profiles blocked[normal/threat]: 1\n"
        "holds: 0\n"
        "removals: 0, 0 of them after a report\n"
        "locked chats: 1\n"
        "reports: 0\n"
        "appeals: 1, 0 of them by reporters; median 0.1 hours\n"
        "  overturned: 1\n"
    )
    counted = json.loads(said("month", "2026-11", "--format", "json"))
    assert (counted["appeals"]["overturned"], counted["refusals"][0]["category"]) == (1, "threat")
    assert said("month", "2026-10").startswith("2026-10, in UTC\nrefusals: 0\n")
    cases = said("cases")
    assert ("category: threat" in cases, "quokka" in cases) == (True, False)


@pytest.mark.parametrize("month", ["2026-13", "november", "1999-01"])
def test_what_is_no_month_is_told(month, db):
    with pytest.raises(CommandError, match="is not a month, such as 2026-11"):
        said("month", month)
