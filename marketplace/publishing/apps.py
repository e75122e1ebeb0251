"""The Django app of published bundles, with the triggers that repeat what `policy_change` decides."""

from decisions.triggers import GuardedAppConfig, Trigger, append_only

TABLES = ("publication", "author", "report", "verdict", "activation", "withdrawal", "review")


def _refuse(name: str, table: str, message: str, when: str) -> Trigger:
    return Trigger(f"publishing_{name}", f"publishing_{table}", "INSERT", message, when=when)


def _once(table: str, *columns: str) -> Trigger:
    """Also for SQLite's INSERT OR REPLACE, which deletes the row in the way of a unique constraint."""
    same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    return _refuse(
        f"{table}_once",
        table,
        f"publishing_{table} has this row",
        f"EXISTS (SELECT 1 FROM publishing_{table} WHERE {same})",
    )


IN_FORCE = (
    "COALESCE((SELECT a.publication_id FROM publishing_activation a WHERE NOT EXISTS (SELECT 1 FROM publishing_withdrawal w "
    "WHERE w.publication_id = a.publication_id) ORDER BY a.id DESC LIMIT 1), 0)"
)
"""The publication of the latest activation that is not withdrawn, or 0."""
SINCE = (
    "> COALESCE((SELECT MAX(a.publication_id) FROM publishing_activation a JOIN publishing_report r ON r.id = NEW.report_id "
    "WHERE a.kind = 'activate' AND a.publication_id < NEW.publication_id AND a.publication_id <= r.base_id), 0)"
)
"""The latest earlier bundle that was approved and that the base of the report follows."""
IS_AUTHOR = (
    f"EXISTS (SELECT 1 FROM publishing_author WHERE user_id = NEW.by_id AND publication_id <= NEW.publication_id "
    f"AND publication_id {SINCE}) OR EXISTS (SELECT 1 FROM publishing_publication WHERE published_by_id = NEW.by_id "
    f"AND id <= NEW.publication_id AND id {SINCE})"
)
OTHER_BYTES = (
    "NOT EXISTS (SELECT 1 FROM publishing_report r JOIN publishing_publication p ON p.id = r.publication_id "
    "WHERE r.id = NEW.report_id AND p.id = NEW.publication_id AND p.digest = NEW.bundle_digest "
    "AND r.digest = NEW.report_digest)"
)
WITHDRAWN = "EXISTS (SELECT 1 FROM publishing_withdrawal WHERE publication_id = NEW.publication_id)"
REPORT_IN_FORCE = (
    "(SELECT r.digest FROM publishing_report r WHERE r.publication_id = NEW.publication_id "
    f"AND COALESCE(r.base_id, 0) = {IN_FORCE} ORDER BY r.id DESC LIMIT 1)"
)
"""The digest of the newest report that compares with the bundle in force, or null."""
NOT_APPROVED = (
    "NEW.kind = 'activate' AND (EXISTS (SELECT 1 FROM publishing_verdict WHERE publication_id = NEW.publication_id "
    "AND NOT approves) OR NOT EXISTS (SELECT 1 FROM publishing_verdict v WHERE v.publication_id = NEW.publication_id "
    f"AND v.approves AND v.report_digest = {REPORT_IN_FORCE}))"
)
BEGUN = "(scheduled_for IS NULL OR scheduled_for <= NEW.{moment})"
NEVER_IN_FORCE = (
    "NEW.kind = 'roll_back' AND NOT EXISTS (SELECT 1 FROM publishing_activation "
    f"WHERE publication_id = NEW.publication_id AND {BEGUN.format(moment='made_at')})"
)
ANOTHER_IS_SCHEDULED = (
    "EXISTS (SELECT 1 FROM publishing_activation WHERE scheduled_for > NEW.made_at AND publication_id <> NEW.publication_id "
    "AND id = (SELECT MAX(a.id) FROM publishing_activation a WHERE NOT EXISTS (SELECT 1 FROM publishing_withdrawal w "
    "WHERE w.publication_id = a.publication_id)))"
)
HAS_BEEN_IN_FORCE = (
    "EXISTS (SELECT 1 FROM publishing_activation WHERE publication_id = NEW.publication_id "
    f"AND {BEGUN.format(moment='at')})"
)
NOT_ANOTHERS = (
    "NOT EXISTS (SELECT 1 FROM publishing_activation a WHERE a.id = NEW.activation_id AND a.kind = 'break_glass' "
    "AND (a.by_id <> NEW.by_id OR (a.by_id IS NULL AND NOT EXISTS (SELECT 1 FROM publishing_author w "
    "WHERE w.publication_id = a.publication_id AND w.user_id = NEW.by_id))))"
)


class PublishingConfig(GuardedAppConfig):
    name = "marketplace.publishing"
    default = True
    due = (
        "marketplace.publishing.processes.forget_gone",
        "marketplace.publishing.processes.remind_of_glass",
    )
    triggers = (
        *(trigger for table in TABLES for trigger in append_only(f"publishing_{table}")),
        _once("author", "publication_id", "user_id"),
        _once("verdict", "report_id", "by_id"),
        _once("withdrawal", "publication_id"),
        _once("review", "activation_id"),
        _refuse(
            "author_does_not_approve",
            "verdict",
            "an author cannot approve",
            f"NEW.approves AND ({IS_AUTHOR})",
        ),
        _refuse(
            "verdict_is_on_these_bytes", "verdict", "the verdict is on another bundle or report", OTHER_BYTES
        ),
        _refuse("withdrawn_is_not_activated", "activation", "a withdrawn bundle is not activated", WITHDRAWN),
        _refuse(
            "activation_needs_approval", "activation", "the bundle is not approved as it is", NOT_APPROVED
        ),
        _refuse("rollback_needs_past", "activation", "the bundle has never been in force", NEVER_IN_FORCE),
        _refuse("one_scheduled_at_a_time", "activation", "another bundle is scheduled", ANOTHER_IS_SCHEDULED),
        _refuse("active_is_not_withdrawn", "withdrawal", "the bundle has been in force", HAS_BEEN_IN_FORCE),
        _refuse(
            "review_is_of_another",
            "review",
            "only somebody else reviews a break-glass activation",
            NOT_ANOTHERS,
        ),
    )
