"""The database triggers of disputes: rules that no code, admin or shell can break."""

from decisions.triggers import Trigger, append_only, no_replace
from marketplace.disputes.states import DISPUTE_MOVES, MEDIA_MOVES, forbidden_move
from marketplace.moderation.apps import keeps_its_item

ITS_DISPUTE = "disputes_dispute WHERE id = NEW.dispute_id"


def _changes(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


def _appears_or_changes(*columns: str) -> str:
    """The same for nullable columns."""
    return " OR ".join(
        f"(OLD.{column} IS NOT NULL AND (NEW.{column} IS NULL OR NEW.{column} <> OLD.{column}))"
        for column in columns
    )


def _kept(table: str, what: str) -> tuple[Trigger, ...]:
    return (Trigger(f"{table}_is_kept", table, "DELETE", f"{what} is kept"), no_replace(table))


DISPUTE = (
    Trigger(
        "disputes_dispute_about_completed_order",
        "disputes_dispute",
        "INSERT",
        "a dispute is about a completed order and opened by a party of it",
        when="NEW.status <> 'open' OR NOT EXISTS (SELECT 1 FROM orders_order WHERE id = NEW.order_id "
        "AND status = 'completed' AND NEW.opened_by_id IN (buyer_id, seller_id))",
    ),
    Trigger(
        "disputes_dispute_moves",
        "disputes_dispute",
        "UPDATE",
        "a dispute does not move like that",
        when=f"{forbidden_move('status', DISPUTE_MOVES)} OR {_changes('id', 'order_id', 'opened_by_id')}",
    ),
    Trigger(
        "disputes_dispute_purge_is_final",
        "disputes_dispute",
        "UPDATE",
        "the purge of this dispute has begun",
        when="OLD.purge_started_at IS NOT NULL AND (NEW.status <> OLD.status OR "
        + _appears_or_changes("purge_started_at", "closed_at", "retain_until")
        + ")",
    ),
    Trigger(
        "disputes_dispute_held_is_not_purged",
        "disputes_dispute",
        "UPDATE",
        "a legal hold keeps this dispute",
        when="OLD.purge_started_at IS NULL AND NEW.purge_started_at IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM disputes_hold WHERE dispute_id = NEW.id AND released_at IS NULL)",
    ),
    *_kept("disputes_dispute", "a dispute"),
)

THREAD = (
    Trigger(
        "disputes_message_not_into_closed",
        "disputes_disputemessage",
        "INSERT",
        "the dispute is closed",
        when=f"EXISTS (SELECT 1 FROM {ITS_DISPUTE} AND status = 'closed')",
        share=ITS_DISPUTE,
    ),
    Trigger(
        "disputes_message_stays",
        "disputes_disputemessage",
        "UPDATE",
        "a message stays in its place",
        when=_changes("dispute_id", "seq", "author_id"),
    ),
    Trigger(
        "disputes_event_is_fixed",
        "disputes_disputeevent",
        "UPDATE",
        "of an event only the reason can be blanked",
        when=_changes("dispute_id", "act", "actor_id", "at")
        + " OR (NEW.reason <> OLD.reason AND NEW.reason <> '')",
    ),
    *_kept("disputes_disputeevent", "an event"),
)

HOLD = (
    Trigger(
        "disputes_hold_not_after_purge",
        "disputes_hold",
        "INSERT",
        "the purge of this dispute has begun",
        when=f"EXISTS (SELECT 1 FROM {ITS_DISPUTE} AND purge_started_at IS NOT NULL)",
        share=ITS_DISPUTE,
    ),
    Trigger(
        "disputes_hold_is_only_released",
        "disputes_hold",
        "UPDATE",
        "a hold is only released, once",
        when=_changes("dispute_id", "placed_by_id", "placed_at")
        + " OR (NEW.reason <> OLD.reason AND NEW.reason <> '') OR "
        + _appears_or_changes("released_at", "released_by_id"),
    ),
    *_kept("disputes_hold", "a hold"),
)

MEDIA = (
    Trigger(
        "disputes_media_begins_with_intent",
        "disputes_media",
        "INSERT",
        "media begins as uploading, in a dispute that is not closed",
        when=f"NEW.state <> 'uploading' OR EXISTS (SELECT 1 FROM {ITS_DISPUTE} AND status = 'closed')",
        share=ITS_DISPUTE,
    ),
    Trigger(
        "disputes_media_moves",
        "disputes_media",
        "UPDATE",
        "media does not move like that",
        when=f"{forbidden_move('state', MEDIA_MOVES)} OR "
        + _changes("id", "dispute_id", "uploader_id", "place", "key", "size", "sha256"),
    ),
    Trigger(
        "disputes_media_doomed_by_purge",
        "disputes_media",
        "UPDATE OF state",
        "media is doomed by the purge of its dispute",
        when="OLD.state IN ('live', 'quarantined') AND NEW.state = 'doomed' AND EXISTS "
        f"(SELECT 1 FROM {ITS_DISPUTE} AND purge_started_at IS NULL)",
        share=ITS_DISPUTE,
    ),
    *_kept("disputes_media", "the row of media"),
)

EVIDENCE = (
    Trigger(
        "disputes_evidence_of_purged",
        "disputes_purgeevidence",
        "INSERT",
        "evidence is about purged media",
        when="NOT EXISTS (SELECT 1 FROM disputes_media WHERE id = NEW.media_id AND state = 'purged')",
    ),
    *append_only("disputes_purgeevidence"),
    *append_only("disputes_evidenceseal"),
    *append_only("disputes_sweeprun"),
    *append_only("disputes_evidencevolume"),
)

TRIGGERS = (*DISPUTE, *THREAD, keeps_its_item("disputes_disputemessage"), *HOLD, *MEDIA, *EVIDENCE)
