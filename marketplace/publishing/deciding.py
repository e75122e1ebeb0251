"""Asks `policy_change`, in the bundle in force before the change: the first half of every write."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from decisions import Subject, bundles, decide
from decisions.texts import TextUnavailable
from engine import Decision
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.publishing.models import Activation, Publication, Report
from marketplace.publishing.policy import MAY_APPROVE, POLICY
from marketplace.publishing.queries import (
    approvals_of,
    authors_since,
    current_report,
    current_reports,
    states_of,
)
from marketplace.publishing.standing import Base, Standing, standing

Facts = dict[str, object]
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


def report_against(base: Base, publication: Publication) -> Report | None:
    return current_report(publication, base=base.publication, base_digest=base.bundle.digest)


def decide_to_publish(*, actor: User, base: Standing, now: datetime) -> Decision:
    return _decide("publish", facts_to_publish(actor), actor=actor, number=None, base=base, now=now)


def facts_to_publish(actor: User) -> Facts:
    return {
        "authors": [str(actor.pk)],
        "change": "rules",
        "approvals": 0,
        "not_proven": 0,
        "state": "published",
        "report_is_current": False,
    }


def decide_about(
    action: Action,
    publication: Publication,
    *,
    actor: User,
    base: Standing,
    now: datetime,
    forced: Activation | None = None,
) -> Decision:
    """`forced` is the break-glass activation to review."""
    facts = facts_about([publication], base)[publication.pk]
    if forced is not None:
        facts |= facts_of_review(forced)
    return _decide(action, facts, actor=actor, number=publication.pk, base=base, now=now)


def facts_about(publications: Collection[Publication], base: Base) -> dict[int, Facts]:
    """What the policy asks about each bundle, with as many queries for many as for one."""
    reports = current_reports(publications, base=base.number, base_digest=base.bundle.digest)
    authors = authors_since(publications, base.publication)
    approvals = approvals_of(reports)
    states = states_of(publications)
    facts: dict[int, Facts] = {}
    for number in states:
        report = reports.get(number)
        facts[number] = {
            "authors": [str(author) for author in sorted(authors[number])],
            "change": report.change if report else "rules",
            "approvals": approvals.get(number, 0),
            "not_proven": report.not_proven if report else 0,
            "state": states[number],
            "report_is_current": report is not None,
        }
    return facts


def facts_of_review(forced: Activation) -> Facts:
    """Who broke the glass is the author of that. If nobody knows who did it, it may have been an author of the bundle."""
    return {"authors": [str(forced.by_id)]} if forced.by_id else {}


def facts_of_actor(action: Action, actor: User) -> Facts:
    return {
        "action": action,
        "actor_id": str(actor.pk),
        "actor_role": str(actor.role),
        "may_approve": actor.has_perm(MAY_APPROVE),
    }


def _decide(
    action: Action,
    facts: Facts,
    *,
    actor: User,
    number: int | None,
    base: Standing,
    now: datetime,
) -> Decision:
    known = facts_of_actor(action, actor)
    subject = Subject(kind="bundle", id=number, actor_id=actor.pk)
    with bundles.pinned(base.bundle):
        return decide(POLICY, known | facts, now=now, subject=subject, record=True, superset=True)
