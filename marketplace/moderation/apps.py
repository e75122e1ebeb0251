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
OPENED = [
    "id",
    "appellant_id",
    "author_id",
    "kind",
    "thread_kind",
    "thread_id",
    "decision_id",
    "decided_at",
    "because",
    "opened_at",
]
APPEAL_CHANGES = " OR ".join(
    [f"NEW.{column} <> OLD.{column}" for column in OPENED]
    + [f"COALESCE(NEW.{column}, 0) <> COALESCE(OLD.{column}, 0)" for column in ("item_id", "report_id")]
)
RULING_ON_APPEAL_CHANGES = " OR ".join(
    f"NEW.{column} IS NULL OR NEW.{column} <> OLD.{column}" for column in ("state", "ruled_by_id", "ruled_at")
)
RULED_BEFORE = (
    "OLD.ruled_by_id IS NULL AND NEW.ruled_by_id IS NOT NULL AND ("
    "EXISTS (SELECT 1 FROM moderation_queueitem WHERE id = NEW.item_id AND resolved_by_id = NEW.ruled_by_id) "
    "OR EXISTS (SELECT 1 FROM moderation_appeal WHERE item_id = NEW.item_id AND id <> NEW.id "
    "AND ruled_by_id = NEW.ruled_by_id))"
)
NO_APPEAL_SAYS_SO = (
    "NEW.final_verdict <> OLD.final_verdict AND NOT EXISTS "
    "(SELECT 1 FROM moderation_appeal WHERE item_id = OLD.id AND state = 'overturned')"
)
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
    policies = ("moderation_profiles", "moderation_queue", "strikes", "appeals")
    carries_out = ("hold", "queue_review", "show_support")
    reads = ("lexicon",)
    due = ("marketplace.moderation.keeping.forget_blocked_texts",)
    erases = (
        "marketplace.moderation.erasure.blank_rulings",
        "marketplace.moderation.appeals.withdraw_appeals",
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
        Trigger(
            "moderation_final_verdict_follows_an_appeal",
            "moderation_queueitem",
            "UPDATE",
            "only an appeal changes a verdict",
            when=NO_APPEAL_SAYS_SO,
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
        Trigger("moderation_report_is_fixed", "moderation_report", "UPDATE", "a report never changes"),
        no_replace("moderation_report"),
        Trigger(
            "moderation_appeal_is_fixed",
            "moderation_appeal",
            "UPDATE",
            "what an appeal is against never changes",
            when=APPEAL_CHANGES,
        ),
        Trigger(
            "moderation_ruled_appeal_is_fixed",
            "moderation_appeal",
            "UPDATE",
            "a closed appeal never changes, unless its reason is erased",
            when=f"OLD.state <> 'open' AND (NEW.state <> OLD.state OR OLD.state <> 'withdrawn' AND "
            f"({RULING_ON_APPEAL_CHANGES} OR NEW.reason NOT IN (OLD.reason, '{ERASED}')))",
        ),
        Trigger(
            "moderation_appeal_is_ruled_by_another",
            "moderation_appeal",
            "UPDATE",
            "another moderator than before rules on an appeal",
            when=RULED_BEFORE,
            share="moderation_queueitem WHERE id = NEW.item_id",
        ),
        Trigger("moderation_appeal_is_kept", "moderation_appeal", "DELETE", "an appeal is kept"),
        no_replace("moderation_appeal"),
    )

    def ready(self) -> None:
        from marketplace.moderation.checks import check_lexicon

        super().ready()
        checks.register(check_lexicon)
