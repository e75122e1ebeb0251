"""What somebody may do about bundles now, and why not the rest, so that a page has no button that only fails.

Nothing is recorded here: the service decides again, and records it, when somebody acts.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from django.db.models import Q

from decisions import BundleUnavailable
from decisions.texts import TextUnavailable
from engine import Decision, PolicyNotInForce
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.publishing.deciding import (
    Action,
    Facts,
    facts_about,
    facts_of_actor,
    facts_of_review,
    facts_to_publish,
    report_against,
)
from marketplace.publishing.models import Activation, Publication, Report, Verdict
from marketplace.publishing.obstacles import check_has_been_in_force, check_none_scheduled, check_not_judged
from marketplace.publishing.policy import MAY_APPROVE, POLICY
from marketplace.publishing.queries import (
    State,
    active,
    active_before,
    current_reports,
    unreviewed,
)
from marketplace.publishing.standing import Base, find_base

STEPS: Final[Mapping[State, tuple[Action, ...]]] = {
    "published": ("approve", "reject", "activate", "withdraw"),
    "rejected": ("withdraw",),
    "scheduled": ("withdraw",),
    "active": ("roll_back",),
    "replaced": ("roll_back",),
    "withdrawn": (),
}
"""What can happen next to a bundle in each state."""
MOST_APPROVALS: Final = 9
WAITING: Final = 10
"""Bundles that are looked at, at most, for what waits for somebody."""


@dataclass(frozen=True, slots=True)
class Offer:
    """`why` says why not, or what happens."""

    may: bool
    why: str


@dataclass(frozen=True, slots=True)
class Offers:
    """`needed` is None if no number of approvals is enough, `back_to` is the bundle that a roll-back puts in force, and `authors`
    are the ids of those who cannot approve, since they published or wrote something since the last approved bundle."""

    state: State
    report: Report | None
    approvals: int
    needed: int | None
    back_to: Publication | None
    authors: frozenset[int]
    by_action: Mapping[Action, Offer]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bundle, and the step that somebody may take with it."""

    publication: Publication
    action: Action


def base_of_offers() -> Base:
    """Raises Refused if the bundle in force cannot decide, so that only breaking the glass is left."""
    try:
        base = find_base()
    except (TextUnavailable, BundleUnavailable) as error:
        raise Refused("bundle-in-force-broken", f"The bundle in force cannot decide: {error}.") from None
    if POLICY not in base.bundle.policies:
        raise Refused(
            "no-policy-change", f"The bundle in force has no policy `{POLICY}`, which decides about this."
        )
    return base


def find_offers(publication: Publication, base: Base, *, actor: User, now: datetime) -> Offers:
    facts = facts_about([publication], base)[publication.pk]
    state: State = facts["state"]  # type: ignore[assignment]
    report = report_against(base, publication)
    in_force = active()
    back_to = None
    if in_force is not None and state in ("active", "replaced"):
        back_to = active_before(in_force) if state == "active" else publication
    obstacles: Mapping[Action, Callable[[], None]] = {
        "approve": lambda: check_not_judged(publication, report, actor),
        "reject": lambda: check_not_judged(publication, report, actor),
        "activate": check_none_scheduled,
        "roll_back": lambda: _check_return(back_to, in_force),
    }
    offers = {
        action: _offer(_foresee(action, facts, base, actor=actor, now=now), obstacles.get(action))
        for action in STEPS[state]
    }
    return Offers(
        state=state,
        report=report,
        approvals=int(str(facts["approvals"])),
        needed=_needed(facts, base, actor=actor, now=now),
        back_to=back_to,
        authors=frozenset(map(int, cast(list[str], facts["authors"]))),
        by_action=offers,
    )


def offer_to_publish(base: Base, *, actor: User, now: datetime) -> Offer:
    return _offer(_foresee("publish", facts_to_publish(actor), base, actor=actor, now=now))


def may_act(actor: User) -> bool:
    """Whether `policy_change`, as shipped, lets somebody like the actor do anything about bundles."""
    return actor.role == "policy_owner" or actor.has_perm(MAY_APPROVE)


def find_waiting(base: Base, *, actor: User, now: datetime) -> list[Waiting]:
    """The bundles that the actor may judge or put in force: those published after the bundle in force, and those that a report
    compares with it. The newest first, at most one step for each."""
    against = {"base": base.publication, "base_digest": base.bundle.digest}
    reported = Report.objects.filter(**against).values("publication")
    candidates = Publication.objects.filter(Q(pk__gt=base.number or 0) | Q(pk__in=reported))
    newest = candidates.select_related("published_by").order_by("-pk")[:WAITING]
    publications = {each.pk: each for each in newest}
    if not publications:
        return []
    judged = _judged_by(actor, publications.values(), base)
    found = []
    for number, facts in facts_about(list(publications.values()), base).items():
        steps: list[tuple[Action, Facts]] = [("activate", facts)]
        if number not in judged:
            steps.append(("approve", facts | {"report_is_current": True}))  # to compare is the first half
        for action, asked in steps if facts["state"] == "published" else ():
            if _foresee(action, asked, base, actor=actor, now=now).permits:
                found.append(Waiting(publications[number], action))
                break
    return found


def find_unreviewed(base: Base | None, *, actor: User, now: datetime) -> list[tuple[Activation, Offer]]:
    """The break-glass activations that wait for a review, with whether the actor may review each."""
    forced = list(unreviewed().select_related("publication", "by"))
    if base is None or not forced:
        return [
            (activation, Offer(False, "The bundle in force cannot decide about a review."))
            for activation in forced
        ]
    about = facts_about([activation.publication for activation in forced], base)
    return [
        (
            activation,
            _offer(
                _foresee(
                    "review",
                    about[activation.publication_id] | facts_of_review(activation),
                    base,
                    actor=actor,
                    now=now,
                )
            ),
        )
        for activation in forced
    ]


def _judged_by(actor: User, publications: Collection[Publication], base: Base) -> set[int]:
    """The bundles about which the actor has judged the report that compares them with the bundle in force."""
    reports = current_reports(publications, base=base.number, base_digest=base.bundle.digest)
    verdicts = Verdict.objects.filter(by=actor, report__in=reports.values())
    return set(verdicts.values_list("publication_id", flat=True))


def _foresee(action: Action, facts: Facts, base: Base, *, actor: User, now: datetime) -> Decision:
    given = facts | facts_of_actor(action, actor)
    try:
        return base.bundle.decide(POLICY, given, now=now, superset=True)
    except PolicyNotInForce:
        raise Refused("no-policy-change", f"No version of `{POLICY}` is in force.") from None


def _offer(decision: Decision, check: Callable[[], object] | None = None) -> Offer:
    if not decision.permits:
        return Offer(False, decision.message or decision.reason)
    try:
        if check is not None:
            check()
    except Refused as refused:
        return Offer(False, refused.message)
    return Offer(True, decision.message)


def _check_return(back_to: Publication | None, in_force: Activation | None) -> None:
    if back_to is None or in_force is None:
        raise Refused("nothing-to-roll-back-to", "No other bundle has been in force before.")
    check_has_been_in_force(back_to, in_force)


def _needed(facts: Facts, base: Base, *, actor: User, now: datetime) -> int | None:
    """How many approvals this kind of change needs: the policy is asked, since an owner may change how it counts."""
    asked = facts | {"state": "published", "report_is_current": True}
    owner = facts_of_actor("activate", actor) | {"actor_role": "policy_owner"}
    for approvals in range(MOST_APPROVALS + 1):
        given = asked | owner | {"approvals": approvals}
        if base.bundle.decide(POLICY, given, now=now, superset=True).permits:
            return approvals
    return None
