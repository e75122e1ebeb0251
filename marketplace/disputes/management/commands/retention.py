"""`manage.py retention`: plans and performs deletions, and checks both."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from decisions.subcommands import Subcommand, read_moment
from documents.plurals import counted
from marketplace.disputes.retention.clock import ClockDoubt, choose_moment, database_now
from marketplace.disputes.retention.orphans import find_orphans, remove_orphans
from marketplace.disputes.retention.planning import make_plan
from marketplace.disputes.retention.restamping import Restamp, apply_restamp, find_restamps
from marketplace.disputes.retention.summary import summarize
from marketplace.disputes.retention.sweeping import sweep
from marketplace.disputes.retention.verifying import find_undeleted, verify_evidence
from marketplace.disputes.storage.store import StorageUnavailable


class Command(BaseCommand):
    help = "Plan, sweep and check the retention of dispute media."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True, parser_class=Subcommand)
        plan = steps.add_parser("plan", help="print what a sweep would delete; change nothing")
        sweeping = steps.add_parser("sweep", help="delete what the plan lists")
        for step in (plan, sweeping):
            step.add_argument(
                "--at", type=read_moment, metavar="TIME", help="use this time (RFC 3339) instead of now"
            )
        sweeping.add_argument(
            "--confirm", action="store_true", help="proceed even if the clock may have jumped"
        )
        restamp = steps.add_parser("restamp", help="show the dates that the current policy would set")
        restamp.add_argument("--apply", action="store_true", help="set these dates")
        restamp.add_argument(
            "--allow-shorter", action="store_true", help="allow dates that delete media earlier"
        )
        verify = steps.add_parser("verify", help="check the evidence of deletions")
        verify.add_argument("--head", help="a previously printed head, which the chain must contain")
        orphans = steps.add_parser("orphans", help="list objects without a row and rows without an object")
        orphans.add_argument("--apply", action="store_true", help="delete objects without a row")

    def handle(self, *, step: str, **options: Any) -> None:
        try:
            getattr(self, f"do_{step}")(**options)
        except ClockDoubt as doubt:
            raise CommandError(f"{doubt}\nhint: {doubt.hint}") from None
        except StorageUnavailable as problem:
            raise CommandError(f"the storage is unusable: {problem}") from None

    def do_plan(self, *, at: datetime | None, **_: Any) -> None:
        plan = make_plan(at=at or database_now())
        for item in plan.deleted:
            self.stdout.write(str(item))
        self._say(summarize("to delete", plan.deleted) + summarize("kept", plan.kept))

    def do_sweep(self, *, at: datetime | None, confirm: bool, **_: Any) -> None:
        moment = choose_moment(at=at, confirmed=confirm)
        swept = sweep(moment=moment, report=lambda item: self.stdout.write(str(item)))
        self._say(summarize("deleted", swept.deleted) + summarize("kept", swept.plan.kept))
        if swept.spared:
            self._say(summarize("spared, since it was reopened or held meanwhile", swept.spared))
        if swept.left:
            self._say(summarize("left", swept.left))
            raise CommandError("not everything was deleted; the next sweep tries again")

    def do_restamp(self, *, apply: bool, allow_shorter: bool, **_: Any) -> None:
        now = timezone.now()
        for restamp in list(find_restamps(now=now)):
            self.stdout.write(f"{describe(restamp)}{self._restamp(restamp, apply, allow_shorter, now)}")

    def _restamp(self, restamp: Restamp, apply: bool, allow_shorter: bool, now: datetime) -> str:
        if not apply:
            return ""
        if restamp.shortens and not allow_shorter:
            return ": not stamped, since it needs --allow-shorter"
        return ": stamped" if apply_restamp(restamp, now=now) else ": not stamped, since the dispute changed"

    def do_verify(self, *, head: str | None, **_: Any) -> None:
        verified = verify_evidence(known_head=head)
        self.stdout.write(f"{counted(verified.sealed, 'record')} sealed, {verified.unsealed:,} not yet")
        self.stdout.write(f"head {verified.head}")
        problems = [*verified.problems, *_undeleted()]
        if problems:
            raise CommandError("\n".join(problems))

    def do_orphans(self, *, apply: bool, **_: Any) -> None:
        orphans = find_orphans(now=timezone.now())
        for stored in orphans.objects:
            self.stdout.write(f"object {stored.key}, {stored.size} bytes, {stored.modified_at.isoformat()}")
        for row in orphans.rows:
            self.stdout.write(f"media {row.pk} of dispute {row.dispute_id} has no object")
        if apply:
            remove_orphans(orphans.objects)
            self.stdout.write(f"{len(orphans.objects)} objects deleted")
        if orphans.rows:
            raise CommandError("media is missing from the storage: restore it from a backup")

    def _say(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _undeleted() -> list[str]:
    try:
        return find_undeleted()
    except StorageUnavailable as problem:
        return [f"whether purged files are gone is unknown: {problem}"]


def describe(restamp: Restamp) -> str:
    change = restamp.after - restamp.before
    return (
        f"dispute {restamp.dispute_id}: {restamp.before.isoformat()} -> {restamp.after.isoformat()} "
        f"({'+' if change.total_seconds() > 0 else ''}{change.total_seconds() / 86400:g} days)"
    )
