"""Run as a program: a database as the build 4af6b08 left it, with records, becomes today's. Prints what is in it."""

import json
import sys
from datetime import UTC, datetime

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
COLUMNS = "policy, version, digest, outcome, rule, subject_kind, subject_id, actor_id, facts, duration_us, request_id, decided_at"
CHAT = '{"author_id": "7", "buyer_id": "7", "seller_id": "3", "locked_at": null}'
TITLE = '{"graphemes": 30, "words": "pseudonym:0123", "has_product": false}'
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    from decisions import Subject, bundles, decide, triggers
    from decisions.chain import seal_log
    from decisions.models import DecisionRecord, PseudonymKey
    from decisions.replay import replay_since
    from decisions.verifying import verify_log

    MigrationExecutor(connection).migrate(list(BEFORE.items()))
    triggers.install(triggers.append_only("decisions_decisionrecord"))
    digest = bundles.in_force().digest
    rows = [
        ("chat", 1, digest, "allow", "participant", "chat", 1, 7, CHAT, 5, "r1", NOW),
        ("inbox_title", 1, digest, "use_message", "first-message", "conversation", 2, 7, TITLE, 5, "r2", NOW),
    ]
    with connection.cursor() as cursor:
        for row in rows:
            marks = ", ".join(["%s"] * len(row))
            cursor.execute(f"INSERT INTO decisions_decisionrecord ({COLUMNS}) VALUES ({marks})", row)
        cursor.execute("INSERT INTO decisions_pseudonymkey (actor_id, key) VALUES (7, %s)", ["ab" * 32])

    call_command("migrate", verbosity=0)

    facts = {"graphemes": 30, "words": ["where", "is", "it"], "has_product": False}
    with transaction.atomic():
        decide("inbox_title", facts, now=NOW, subject=Subject("conversation", 3, 7), record=True)
    sys.stdout.write(
        json.dumps(
            {
                "facts": list(DecisionRecord.objects.order_by("pk").values_list("facts", flat=True)[:2]),
                "answers": list(DecisionRecord.objects.order_by("pk").values_list("answer", flat=True)[:2]),
                "replayed": [[result.verdict, result.said] for result in replay_since(NOW)],
                "sealed": seal_log(now=NOW),
                "problems": verify_log(key=None).problems,
                "missing triggers": triggers.missing(),
                "keys": list(PseudonymKey.objects.values_list("key", flat=True)),
            }
        )
    )


if __name__ == "__main__":
    main()
