"""Publishing a bundle, judging it, activating it and taking it back.

Each function but `make_report` is one transaction: the lock, the decision of `policy_change` and its record, then the row. Slow
work, such as cases and proofs, is done before.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

import structlog
from django.db import IntegrityError

from decisions import Denied
from decisions.texts import keep_text
from engine import Decision
from engine.expression.quantity import from_datetime
from engine.version import VERSION
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.publishing.checking import check_bundle
from marketplace.publishing.deciding import (
    Action,
    decide_about,
    decide_to_publish,
    read_standing,
    report_against,
)
from marketplace.publishing.files import Texts, store_texts
from marketplace.publishing.models import (
    Activation,
    Author,
    Kind,
    Publication,
    Report,
    Review,
    Verdict,
    Withdrawal,
)
from marketplace.publishing.obstacles import (
    check_has_been_in_force,
    check_none_scheduled,
    check_not_judged,
    check_seen,
)
from marketplace.publishing.queries import active, active_before, lock_bundles, scheduled, unreviewed
from marketplace.publishing.reporting import body_of, write_report
from marketplace.publishing.standing import Standing, check_usable, texts_of
from marketplace.transactions import patiently, write

Row = TypeVar("Row")

log = structlog.get_logger(__name__)


def publish(
    *,
    actor: User,
    texts: Texts,
    git_authors: Iterable[tuple[str, str]] = (),
    revision: str = "",
    now: datetime,
) -> Publication:
    """Stores a bundle that passes every check. `git_authors` are names with their addresses; an address that belongs to an
    account makes its owner an author. Raises BundleRefused, Denied or Refused."""
    patiently(lambda: _may_publish(actor=actor, now=now))  # before the expensive part
    checked = check_bundle(texts)
    named = sorted(set(git_authors))

    def attempt() -> Publication:
        with write():
            lock_bundles()
            base = read_standing()
            decision = decide_to_publish(actor=actor, base=base, now=now)
            if decision.permits:
                keep_text(checked.bundle)
                accounts = {
                    address: User.objects.filter(email__iexact=address) for _, address in named if address
                }
                known = {user.pk for users in accounts.values() for user in users}
                publication = Publication.objects.create(
                    digest=checked.bundle.digest,
                    engine=VERSION,
                    files=store_texts(texts),
                    revision=revision[:80],
                    strangers=sorted({n for n, address in named if not (address and accounts[address])}),
                    published_by=actor,
                    published_at=now,
                )
                Author.objects.bulk_create(
                    Author(publication=publication, user_id=number) for number in sorted(known | {actor.pk})
                )
                return publication
        raise Denied(decision)

    return _logged("bundle_published", patiently(attempt))


def _may_publish(*, actor: User, now: datetime) -> None:
    """Only refusals are recorded here; what is permitted is decided again, and recorded, with the write."""
    if actor.role == "policy_owner":
        return
    with write():
        decision = decide_to_publish(actor=actor, base=read_standing(), now=now)
    if not decision.permits:
        raise Denied(decision)


def make_report(*, publication: Publication, now: datetime) -> Report:
    """What the bundle changes compared with the bundle in force. Nothing is made twice: the same comparison is the same report.
    Raises BundleRefused if the bundle no longer passes its checks, NotConfirmed, or Refused."""
    base = read_standing()
    texts = texts_of(publication)
    report = write_report(publication, texts, check_bundle(texts), base)
    body, digest = body_of(report)

    def attempt() -> Report:
        with write():
            lock_bundles()
            known = report_against(base, publication)
            if known is not None and known.digest == digest:
                return known
            return Report.objects.create(
                publication=publication,
                base=base.publication,
                base_digest=base.bundle.digest,
                change=report["change"],
                not_proven=report["not_proven"],
                digest=digest,
                body=body,
                made_at=now,
            )

    return patiently(attempt)


def judge(
    *,
    actor: User,
    publication: Publication,
    approves: bool,
    bundle_digest: str,
    report_digest: str,
    reason: str = "",
    now: datetime,
) -> Verdict:
    """Approves or rejects the bundle and the report that the actor saw. Raises Denied or Refused."""
    action: Action = "approve" if approves else "reject"

    def act(base: Standing, _: Decision) -> Verdict:
        report = report_against(base, publication)
        assert report is not None  # or the policy would have refused
        check_seen(publication, report, bundle_digest=bundle_digest, report_digest=report_digest)
        check_not_judged(publication, report, actor)
        return Verdict.objects.create(
            publication=publication,
            report=report,
            approves=approves,
            bundle_digest=bundle_digest,
            report_digest=report_digest,
            reason=reason,
            by=actor,
            at=now,
        )

    return _act(action, publication, act, actor=actor, now=now)


def activate(
    *,
    actor: User,
    publication: Publication,
    at: datetime | None = None,
    seen: tuple[str, str] | None = None,
    now: datetime,
) -> Activation:
    """Puts an approved bundle in force now, or at a later moment. `seen` are the digests of the bundle and the report that the
    actor saw. Raises Denied, Refused or TextUnavailable."""
    if at is not None and (at <= now or from_datetime(at) is None):
        raise Refused("schedule-in-the-past", "A bundle can be scheduled for a later moment only.")
    check_usable(publication)

    def act(base: Standing, _: Decision) -> Activation:
        if seen is not None:
            report = report_against(base, publication)
            assert report is not None  # or the policy would have refused
            check_seen(publication, report, bundle_digest=seen[0], report_digest=seen[1])
        check_none_scheduled()
        return Activation.objects.create(
            publication=publication, kind=Kind.ACTIVATE, scheduled_for=at, by=actor, made_at=now
        )

    return _act("activate", publication, act, actor=actor, now=now)


def roll_back(
    *, actor: User, publication: Publication | None = None, reason: str, now: datetime
) -> Activation:
    """Puts an earlier bundle in force again, by default the one before. What is scheduled is withdrawn, since it was approved as
    a change of another bundle. Raises Denied, Refused or TextUnavailable."""

    def find_earlier(in_force: Activation | None) -> Publication | None:
        return publication or (active_before(in_force) if in_force else None)

    if (wanted := find_earlier(active())) is not None:
        check_usable(wanted)

    def attempt() -> Activation:
        with write():
            lock_bundles()
            base = read_standing()
            in_force = active()
            earlier = find_earlier(in_force)
            if in_force is None or earlier is None:
                raise Refused("nothing-to-roll-back-to", "No other bundle has been in force before.")
            decision = decide_about("roll_back", earlier, actor=actor, base=base, now=now)
            if decision.permits:
                check_has_been_in_force(earlier, in_force)
                _withdraw_scheduled(by=actor, now=now, but=earlier)
                return Activation.objects.create(
                    publication=earlier, kind=Kind.ROLL_BACK, by=actor, reason=reason, made_at=now
                )
        raise Denied(decision)

    return _logged("bundle_rolled_back", _guarded(attempt))


def withdraw(*, actor: User, publication: Publication, reason: str, now: datetime) -> Withdrawal:
    """A bundle that is not in force yet never will be. Raises Denied or Refused."""

    def act(_base: Standing, _: Decision) -> Withdrawal:
        return Withdrawal.objects.create(publication=publication, reason=reason, by=actor, at=now)

    return _act("withdraw", publication, act, actor=actor, now=now)


def break_glass(*, actor: User | None, publication: Publication, reason: str, now: datetime) -> Activation:
    """Puts a bundle in force without a decision and without an approval, even if none is in force or the one in force is broken.
    It stays on every page until somebody else reviews it. Raises Refused, or TextUnavailable if no server could load the
    bundle."""
    if not reason.strip():
        raise Refused("reason-missing", "Breaking the glass needs a reason.")
    check_usable(publication)

    def attempt() -> Activation:
        with write():
            lock_bundles()
            if Withdrawal.objects.filter(publication=publication).exists():
                raise Refused("already-withdrawn", f"Bundle {publication.pk} was withdrawn.")
            _withdraw_scheduled(by=actor, now=now, but=publication)
            return Activation.objects.create(
                publication=publication, kind=Kind.BREAK_GLASS, by=actor, reason=reason.strip(), made_at=now
            )

    activation = _guarded(attempt)
    log.warning("glass_broken", bundle=publication.pk, by=actor and actor.pk, reason=activation.reason)
    return activation


def review(*, actor: User, activation: Activation, reason: str = "", now: datetime) -> Review:
    """Somebody else has looked at a break-glass activation. Raises Denied or Refused."""

    def act(_base: Standing, _: Decision) -> Review:
        if Review.objects.filter(activation=activation).exists():
            raise Refused("already-reviewed-activation", "This activation has been reviewed.")
        return Review.objects.create(activation=activation, reason=reason, by=actor, at=now)

    return _act("review", activation.publication, act, actor=actor, now=now, forced=activation)


def review_bundle(*, actor: User, publication: Publication, reason: str = "", now: datetime) -> Review:
    """Reviews the oldest break-glass activation of the bundle that waits for it. Raises Denied or Refused."""
    forced = unreviewed().filter(publication=publication).first()
    if forced is None:
        message = f"No break-glass activation of bundle {publication.pk} waits for a review."
        raise Refused("nothing-to-review", message)
    return review(actor=actor, activation=forced, reason=reason, now=now)


def _act(
    action: Action,
    publication: Publication,
    act: Callable[[Standing, Decision], Row],
    *,
    actor: User,
    now: datetime,
    forced: Activation | None = None,
) -> Row:
    def attempt() -> Row:
        with write():
            lock_bundles()
            base = read_standing()
            decision = decide_about(action, publication, actor=actor, base=base, now=now, forced=forced)
            if decision.permits:
                return act(base, decision)
        raise Denied(decision)

    return _logged(f"bundle_{action}", _guarded(attempt))


def _guarded(attempt: Callable[[], Row]) -> Row:
    """The triggers repeat the rules. They refuse only where the policy was loosened."""
    try:
        return patiently(attempt)
    except IntegrityError as error:
        said = str(error.__cause__ or error).splitlines()[0]
        raise Refused("bundle-guarded", f"The database refuses this: {said}.") from error


def _withdraw_scheduled(*, by: User | None, now: datetime, but: Publication) -> None:
    other = scheduled()
    if other is not None and other.publication_id != but.pk:
        reason = f"bundle {but.pk} was put in force before it"
        Withdrawal.objects.create(publication=other.publication, reason=reason, by=by, at=now)


def _logged(event: str, row: Row) -> Row:
    log.info(event, row=str(row))
    return row
