"""Asks `policy_change`, in the bundle in force before the change: the first half of every write."""

from datetime import datetime
from typing import Literal

from decisions import Subject, bundles, decide
from decisions.texts import TextUnavailable
from engine import Decision
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.publishing.models import Activation, Publication, Report
from marketplace.publishing.policy import MAY_APPROVE, POLICY
from marketplace.publishing.queries import authors_since, count_approvals, current_report, state_of
from marketplace.publishing.standing import Standing, standing

Action = Literal["publish", "approve", "reject", "activate", "roll_back", "withdraw", "review"]


def read_standing() -> Standing:
    """Raises Refused if the bundle in force cannot decide, so that only breaking the glass is left."""
    try:
        base = standing()
    except TextUnavailable as error:
        raise Refused(
            "bundle-in-force-broken", f"The bundle in force cannot decide about this: {error}."
        ) from None
    if POLICY not in base.bundle.policies:
        message = f"The bundle in force has no policy `{POLICY}`, which decides about this."
        raise Refused("no-policy-change", message)
    return base


def report_against(base: Standing, publication: Publication) -> Report | None:
    return current_report(publication, base=base.publication, base_digest=base.bundle.digest)


def decide_to_publish(*, actor: User, base: Standing, now: datetime) -> Decision:
    facts: dict[str, object] = {
        "authors": [str(actor.pk)],
        "change": "rules",
        "approvals": 0,
        "not_proven": 0,
        "state": "published",
        "report_is_current": False,
    }
    return _decide("publish", facts, actor=actor, number=None, base=base, now=now)


def decide_about(
    action: Action,
    publication: Publication,
    *,
    actor: User,
    base: Standing,
    now: datetime,
    forced: Activation | None = None,
) -> Decision:
    """`forced` is the break-glass activation to review. If nobody knows who did it, it may have been an author."""
    report = report_against(base, publication)
    authors = authors_since(publication, base.publication)
    if forced is not None and forced.by_id:
        authors = {forced.by_id}
    facts: dict[str, object] = {
        "authors": [str(number) for number in sorted(authors)],
        "change": report.change if report else "rules",
        "approvals": count_approvals(publication, report),
        "not_proven": report.not_proven if report else 0,
        "state": state_of(publication),
        "report_is_current": report is not None,
    }
    return _decide(action, facts, actor=actor, number=publication.pk, base=base, now=now)


def _decide(
    action: Action,
    facts: dict[str, object],
    *,
    actor: User,
    number: int | None,
    base: Standing,
    now: datetime,
) -> Decision:
    known = {
        "action": action,
        "actor_id": str(actor.pk),
        "actor_role": str(actor.role),
        "may_approve": actor.has_perm(MAY_APPROVE),
    }
    subject = Subject(kind="bundle", id=number, actor_id=actor.pk)
    with bundles.pinned(base.bundle):
        return decide(POLICY, known | facts, now=now, subject=subject, record=True, superset=True)
