"""Run as a program: a database as the build 4af6b08 left it becomes today's, and its people go on. Prints what is in it.

`build_4af6b08.json` is what that build's `dumpdata` wrote after one sale with everything that can happen in it.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

BEFORE = {
    "accounts": "0002_erasurerequest",
    "api": "0002_subject_of_answers",
    "assistant": "0001_initial",
    "catalog": "0001_initial",
    "chats": "0002_message_queue_item",
    "decisions": "0002_pseudonymkey",
    "disputes": "0002_texts_of_disputes",
    "moderation": "0003_texts_of_the_assistant",
    "orders": "0001_initial",
    "outbox": "0002_delivery",
    "reviews": "0002_review_queue_item",
}
DATA = Path(__file__).parent / "build_4af6b08.json"
CHAT = '{"author_id": "4", "buyer_id": "4", "seller_id": "1", "locked_at": null}'
TITLE = '{"graphemes": 30, "words": "pseudonym:0123", "has_product": false}'
NOW = datetime(2026, 11, 1, 13, 0, tzinfo=UTC)


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from decisions import triggers
    from decisions.chain import seal_log
    from decisions.models import DecisionRecord, PseudonymKey
    from decisions.replay import replay_since
    from decisions.verifying import verify_log
    from marketplace.accounts.erasure import erase_account

    executor = MigrationExecutor(connection)
    targets = list(BEFORE.items())
    load(executor.migrate(targets).apps)
    triggers.install(triggers.append_only("decisions_decisionrecord"))

    call_command("migrate", verbosity=0)

    said: dict[str, Any] = {
        "records": DecisionRecord.objects.filter(answer=None, reason="").count(),
        "facts": list(DecisionRecord.objects.filter(request_id="r1").values_list("facts", flat=True)),
        "keys": PseudonymKey.objects.count(),
        "missing triggers": triggers.missing(),
    }
    go_on()
    said["sealed"] = seal_log(now=NOW)
    said["before the erasure"] = count(replay_since(NOW - timedelta(days=1)))
    erase_account(user_id=4, now=NOW)
    said["after it"] = count(replay_since(NOW - timedelta(days=1)))
    said["problems"] = verify_log(key=None).problems
    sys.stdout.write(json.dumps(said))


def load(apps: Any) -> None:
    """As the models were then, and two records that today's policies decided."""
    from django.core.management.color import no_style
    from django.db import connection, transaction

    from decisions import bundles

    entries = json.loads(DATA.read_text())
    models = {entry["model"]: apps.get_model(entry["model"]) for entry in entries}
    with transaction.atomic(), connection.constraint_checks_disabled():
        for entry in entries:
            model = models[entry["model"]]
            values = {
                field.attname: field.to_python(entry["fields"][field.name])
                for field in model._meta.concrete_fields
                if field.name in entry["fields"]
            }
            model.objects.bulk_create([model(pk=entry["pk"], **values)])
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
            cursor.execute(statement)
    Record = models["decisions.decisionrecord"]
    for policy, outcome, rule, facts in (
        ("chat", "allow", "participant", CHAT),
        ("inbox_title", "use_message", "first-message", TITLE),
    ):
        Record.objects.create(
            policy=policy, version=1, digest=bundles.in_force().digest, outcome=outcome, rule=rule,
            subject_kind="chat", subject_id=1, actor_id=4, facts=json.loads(facts), duration_us=5, request_id="r1",
            decided_at=NOW,
        )  # fmt: skip


def go_on() -> None:
    """The seller and the buyer of the old sale use today's build."""
    from marketplace.accounts.models import User
    from marketplace.assistant.services import start_conversation
    from marketplace.disputes.services import close_dispute, reopen_dispute

    buyer, agent = User.objects.get(username="buyer0"), User.objects.get(username="ada")
    reopen_dispute(actor=buyer, dispute_id=1, reason="Broken again.", now=NOW)
    close_dispute(actor=agent, dispute_id=1, reason="Paid.", now=NOW)
    start_conversation(owner=buyer, text="Where is it now?", product_id=None, now=NOW)


def count(replayed: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for result in replayed:
        key = f"{result.verdict}: {result.said}" if result.said else result.verdict
        counts[key] = counts.get(key, 0) + 1
    return counts


if __name__ == "__main__":
    main()
