"""Decisions that the services recorded are made again; those that read private facts of an erased person are not."""

import json
import logging
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from config.backups import back_up
from decisions import Denied, bundles
from decisions.chain import seal_log
from decisions.models import DecisionRecord
from decisions.replay import replay_since
from decisions.verifying import verify_log
from marketplace.accounts.erasure import erase_account
from marketplace.accounts.models import Role, User
from marketplace.assistant.services import start_conversation
from marketplace.chats.services import send_message
from marketplace.disputes.services import close_dispute, open_dispute, reopen_dispute
from marketplace.moderation.models import Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.orders.services import open_order, withdraw_confirmation
from marketplace.reviews.services import review_product
from tests.conftest import SIZE
from tests.evidence import local_evidence
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product, make_user

RECORDS = 10_000 if SIZE == "full" else 30
ERASED = 100 if SIZE == "full" else 1
CANARY = "zqcanary"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def evidence(request, tmp_path: Path, settings, _django_db_marker: None) -> Path:
    return local_evidence(request, settings, tmp_path / "evidence")


class Staff:
    def __init__(self) -> None:
        self.sam = make_user("sam", Role.SELLER)
        self.ada = make_user("ada", Role.AGENT)
        self.max = make_user("max", Role.MODERATOR)


def live(staff: Staff, number: int) -> User:
    """Everything a buyer does with one sale, which all policies decide about."""
    buyer = make_user(f"buyer{number}", Role.BUYER)
    product = make_product(staff.sam)
    order = make_order(buyer, product)
    item = send_message(author=buyer, chat_id=order.chat_id, text="spam:0.6", now=NOW).queue_item
    claim_item(moderator=staff.max, item_id=item.pk, now=NOW)
    resolve_item(moderator=staff.max, item_id=item.pk, verdict=Verdict.OVERTURN, reason="Fine.", now=NOW)
    with suppress(Denied):
        send_message(author=buyer, chat_id=order.chat_id, text="threat:0.99", now=NOW)
    with suppress(Denied):
        withdraw_confirmation(actor=buyer, order_id=order.pk, now=NOW)
    complete(order)
    with suppress(Denied):
        open_order(buyer=staff.sam, product_id=product.pk, now=NOW)
    review_product(buyer=buyer, product_id=product.pk, rating=4, text="It is fine.", now=NOW)
    dispute = open_dispute(actor=buyer, order_id=order.pk, text="It broke.", now=NOW)
    close_dispute(actor=staff.ada, dispute_id=dispute.pk, reason="Paid.", now=NOW)
    reopen_dispute(actor=buyer, dispute_id=dispute.pk, reason="Still broken.", now=LATER)
    close_dispute(actor=staff.ada, dispute_id=dispute.pk, reason="Paid again.", now=LATER)
    start_conversation(owner=buyer, text=f"{CANARY} where is it?", product_id=product.pk, now=NOW)
    return buyer


def replayed() -> Counter[tuple[str, str]]:
    return Counter((result.verdict, result.said) for result in replay_since(NOW - timedelta(days=1)))


def test_everything_is_decided_again_until_its_person_is_erased(
    tmp_path: Path, caplog: Any, settings: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    staff, buyers = Staff(), []
    while DecisionRecord.objects.count() < RECORDS or len(buyers) <= ERASED:
        buyers.append(live(staff, len(buyers)))
    decided = set(DecisionRecord.objects.values_list("policy", flat=True))
    assert decided == set(bundles.in_force().policies) - {"record_retention", "policy_change"}
    total = DecisionRecord.objects.count()
    assert replayed() == {("same", ""): total}
    seal_log(now=NOW)

    for buyer in buyers[:ERASED]:
        erase_account(user_id=buyer.pk, now=LATER)

    assert replayed() == {("same", ""): total - ERASED, ("not-replayable", "erased"): ERASED}
    assert verify_log(key=None).problems == []
    for buyer in buyers[ERASED:]:
        erase_account(user_id=buyer.pk, now=LATER)
    assert CANARY not in everything_kept(tmp_path) + caplog.text


def everything_kept(folder: Path) -> str:
    """Every value of every table, the export, and on SQLite the bytes of the files and of a new backup."""
    out = folder / "titles.parquet"
    call_command(
        "policy", "export", "--since", "2026-01-01T00:00:00Z", "--policy", "inbox_title", "--out", str(out)
    )
    kept = [out.read_bytes()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            kept.append(json.dumps(cursor.fetchall(), default=_plain).encode())
    if connection.vendor == "sqlite":
        back_up(folder / "backup", now=LATER)
        database = Path(connection.settings_dict["NAME"])
        files = [*database.parent.glob(database.name + "*"), folder / "backup" / "comity.sqlite3"]
        kept += [file.read_bytes() for file in files]
    return b"\n".join(kept).decode("latin-1")


def _plain(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, memoryview | bytes) else str(value)
