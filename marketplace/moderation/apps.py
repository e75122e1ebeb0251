"""The Django app of moderation, with the triggers that protect findings, verdicts and sealed texts."""

from django.core import checks

from decisions.triggers import GuardedAppConfig, Trigger, no_replace

# Replaces the reason of an erased verdict, since a constraint requires one.
ERASED = "(erased)"

FOUND = [
    "id",
    "kind",
    "thread_kind",
    "thread_id",
    "author_id",
    "decision_id",
    "flagged_for",
    "message_shown",
    "support",
    "urgent",
    "held",
    "blocked",
    "language",
    "signals",
    "created_at",
]
RULED = ["state", "claimed_by_id", "claimed_at", "verdict", "resolved_by_id", "resolved_at"]
RULING_CHANGES = " OR ".join(f"NEW.{column} IS NULL OR NEW.{column} <> OLD.{column}" for column in RULED)
SEALED = [
    "id",
    "kind",
    "thread_kind",
    "thread_id",
    "author_id",
    "decision_id",
    "sealed",
    "blocked_at",
    "kept_until",
]
SEALED_CHANGE = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in SEALED)
FINDINGS_CHANGE = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in FOUND)


def keeps_its_item(table: str) -> Trigger:
    """For a table of texts: without its item, a held text would be visible to everybody."""
    return Trigger(
        f"{table}_keeps_its_item",
        table,
        "UPDATE",
        "a flagged text keeps its queue item",
        when="OLD.queue_item_id IS NOT NULL "
        "AND (NEW.queue_item_id IS NULL OR NEW.queue_item_id <> OLD.queue_item_id)",
    )


class ModerationConfig(GuardedAppConfig):
    name = "marketplace.moderation"
    default = True
    policies = ("moderation_profiles", "moderation_queue", "strikes")
    carries_out = ("hold", "queue_review", "show_support")
    reads = ("lexicon",)
    due = ("marketplace.moderation.keeping.forget_blocked_texts",)
    erases = (
        "marketplace.moderation.erasure.blank_rulings",
        "marketplace.moderation.keeping.forget_blocked_by",
        "marketplace.moderation.strikes.drop_strikes",
    )
    triggers = (
        Trigger(
            "moderation_resolved_item_is_fixed",
            "moderation_queueitem",
            "UPDATE",
            "a resolved queue item never changes, unless its reason is erased",
            when=f"OLD.state = 'resolved' AND ({RULING_CHANGES} OR NEW.reason NOT IN (OLD.reason, '{ERASED}'))",
        ),
        Trigger(
            "moderation_findings_are_fixed",
            "moderation_queueitem",
            "UPDATE",
            "what was found never changes",
            when=FINDINGS_CHANGE,
        ),
        Trigger("moderation_item_is_kept", "moderation_queueitem", "DELETE", "a queue item is kept"),
        no_replace("moderation_queueitem"),
        Trigger(
            "moderation_blocked_text_is_fixed",
            "moderation_blockedtext",
            "UPDATE",
            "a blocked text stays as it was sealed",
            when=SEALED_CHANGE,
        ),
        no_replace("moderation_blockedtext"),
    )

    def ready(self) -> None:
        from marketplace.moderation.checks import check_lexicon

        super().ready()
        checks.register(check_lexicon)
