"""Nothing of a blocked text leaves the place where it is sealed, nor stays after its time or after an erasure."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from prometheus_client import generate_latest
from pyarrow import parquet

from config.backups import back_up
from decisions import Denied
from marketplace.accounts.erasure import erase_account
from marketplace.chats.services import send_message
from marketplace.desk.appealing import appeal_decision, rule_on_appeal
from marketplace.desk.reading import read_text
from marketplace.desk.statements import read_statement
from marketplace.moderation.keeping import forget_blocked_texts
from marketplace.moderation.models import AppealVerdict, BlockedText, KeptFor
from tests.database_files import read_database
from tests.evidence import local_evidence
from tests.marketplace.factories import LATER, NOW

CANARY = "quokka"
KEEP = timedelta(days=14)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def appealed(order, bea, max_) -> BlockedText:
    with pytest.raises(Denied):
        send_message(author=bea, chat_id=order.chat_id, text=f"{CANARY} threat:0.99", now=NOW)
    blocked = BlockedText.objects.get()
    read_statement(reader=bea, decision_id=blocked.decision_id)
    appeal_decision(appellant=bea, decision_id=blocked.decision_id, because="joke", now=NOW)
    read = {"kind": "blocked_text", "reading_for": "unstated"}
    assert read_text(moderator=max_, text_id=blocked.pk, now=LATER, **read).text.startswith(CANARY)
    return blocked


def rule(moderator, blocked, verdict) -> None:
    [appeal] = blocked.decision.appeals.all()
    rule_on_appeal(moderator=moderator, appeal_id=appeal.pk, verdict=verdict, reason="Read.", now=LATER)


def test_no_log_metric_or_export_has_it(appealed, mia, tmp_path, capfd, caplog):
    rule(mia, appealed, AppealVerdict.UPHOLD)
    out = StringIO()
    for policy in ("moderation_profiles", "moderation_queue", "appeals", "chat"):
        file = tmp_path / f"{policy}.parquet"
        since = {"since": "2026-01-01T00:00:00Z", "policy": policy, "out": str(file)}
        call_command("policy", "export", *[word for key, at in since.items() for word in (f"--{key}", at)])
        assert CANARY not in str(parquet.read_table(file).to_pylist())
    for command in (("desk", "month", "2026-11"), ("desk", "cases")):
        call_command(*command, stdout=out)
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "decision" in logged
    assert CANARY not in logged + out.getvalue() + generate_latest().decode()


@pytest.mark.sqlite  # PostgreSQL's files are those of the server
@pytest.mark.parametrize("gone", ["time", "erasure"])
def test_no_later_backup_and_not_the_file_of_the_database_has_it(
    gone, appealed, bea, mia, tmp_path, request, settings
):
    local_evidence(request, settings, tmp_path / "evidence")
    sealed = bytes(appealed.sealed)

    def traces(name: str) -> tuple[bool, bool]:
        """Of the plain and of the sealed text, in the database and in a new backup."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        back_up(tmp_path / name, now=LATER)
        kept = b"".join(path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file())
        stored = kept + read_database()
        return CANARY.encode() in stored, sealed in stored

    assert traces("open") == (False, True)
    rule(mia, appealed, AppealVerdict.UPHOLD if gone == "time" else AppealVerdict.OVERTURN)
    if gone == "time":
        assert forget_blocked_texts(now=NOW + KEEP) == 1
    else:
        assert BlockedText.objects.get().kept_for == KeptFor.SAMPLE
        assert traces("delivered") == (True, True)
        erase_account(user_id=bea.pk, now=LATER)
    assert traces("gone") == (False, False)
