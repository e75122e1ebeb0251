"""`manage.py policy`, extended: publish a bundle, compare it, have it approved, activate it and take it back."""

import getpass
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from decisions import BundleUnavailable, Denied, conf
from decisions.management.commands.policy import Command as RecordsCommand
from decisions.subcommands import read_moment
from decisions.texts import TextUnavailable
from engine.claims.difference import NotConfirmed
from marketplace.accounts.models import User
from marketplace.accounts.queries import find_user_by_token
from marketplace.errors import Refused
from marketplace.publishing import services, telling
from marketplace.publishing.checkout import FolderNotEmpty, check_out
from marketplace.publishing.files import BundleRefused, read_folder
from marketplace.publishing.git import authors_of, revision_of
from marketplace.publishing.models import Publication
from marketplace.publishing.people import approvers, listed_approvers
from marketplace.publishing.queries import active
from marketplace.publishing.standing import texts_of

TOKEN: Final = "COMITY_TOKEN"


class Command(RecordsCommand):
    help = "Publish, approve, activate and roll back policies; replay decisions, and verify, prune and export their log."

    def add_steps(self, steps: Any) -> None:
        super().add_steps(steps)
        publishing = steps.add_parser("publish", help="check a folder of policies and store it as a bundle")
        publishing.add_argument("--policies", type=Path, metavar="DIR", help="by default the policy folder")
        publishing.add_argument(
            "--cases", type=Path, metavar="DIR", help="by default COMITY_CASES_DIR, if there is one"
        )
        reporting = _step(steps, "report", "what a bundle changes compared with the one in force")
        reporting.add_argument("--format", choices=["text", "json", "html"], default="text")
        for name, said in (("approve", "approve"), ("reject", "reject")):
            judging = _step(steps, name, f"{said} a bundle and the report that you have read")
            judging.add_argument(
                "--report", required=True, metavar="DIGEST", help="the digest of that report"
            )
            judging.add_argument("--reason", default="", help="for the log")
        scheduling = _step(steps, "schedule", "put an approved bundle in force at a later moment")
        scheduling.add_argument("--at", type=read_moment, required=True, metavar="TIME", help="RFC 3339")
        activating = _step(steps, "activate", "put an approved bundle in force")
        activating.add_argument(
            "--break-glass", action="store_true", help="without an approval, and even without a token"
        )
        activating.add_argument("--reason", default="", help="required to break the glass")
        back = steps.add_parser("rollback", help="put an earlier bundle in force again")
        back.add_argument("--to", type=read_number, metavar="BUNDLE", help="by default the one before")
        back.add_argument("--reason", default="", help="for the log")
        withdrawing = _step(steps, "withdraw", "give up a bundle that is not in force yet")
        withdrawing.add_argument("--reason", default="", help="for the log")
        reviewing = _step(steps, "review", "say that you have looked at a break-glass activation")
        reviewing.add_argument("--reason", default="", help="for the log")
        checking_out = steps.add_parser("checkout", help="write the files of a bundle into a folder")
        checking_out.add_argument(
            "bundle", type=read_number, nargs="?", help="by default the bundle in force"
        )
        checking_out.add_argument("--to", type=Path, required=True, metavar="DIR", help="for the policies")
        checking_out.add_argument("--cases", type=Path, metavar="DIR", help="for the cases, if you want them")
        checking_out.add_argument(
            "--replace", action="store_true", help="the policies and cases that the folders have"
        )
        steps.add_parser("list", help="the bundles, newest first")
        _step(steps, "show", "one bundle, and what became of it")
        steps.add_parser("log", help="everything that was done, oldest first")
        approving = steps.add_parser("approvers", help="who may approve; add or remove somebody")
        change = approving.add_mutually_exclusive_group()
        change.add_argument("--add", metavar="NAME")
        change.add_argument("--remove", metavar="NAME")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Broken policies do not keep anybody from breaking the glass."""
        skip = options.get("skip_checks") or options.get("break_glass", False)
        return super().execute(*args, **options | {"skip_checks": skip})

    def handle(self, *, step: str, **options: Any) -> None:
        try:
            super().handle(step=step, **options)
        except BundleRefused as refused:
            problems = "\n".join(problem.render() for problem in refused.problems)
            raise CommandError(f"nothing was published\n{problems}") from None
        except Denied as denied:
            decision = denied.decision
            raise CommandError(f"{decision.message or decision.reason} ({decision.reason})") from None
        except Refused as refused:
            raise CommandError(f"{refused.message} ({refused.code})") from None
        except (BundleUnavailable, TextUnavailable, NotConfirmed) as error:
            raise CommandError(str(error)) from None

    def do_publish(self, *, policies: Path | None, cases: Path | None, **_: Any) -> None:
        folder = policies or conf.policies_dir()
        usual = settings.COMITY_CASES_DIR
        texts = read_folder(folder, cases or (usual if usual.is_dir() else None))
        in_force = active()
        publication = services.publish(
            actor=read_actor(),
            texts=texts,
            git_authors=authors_of(folder, since=in_force.publication.revision if in_force else ""),
            revision=revision_of(folder),
            now=timezone.now(),
        )
        self.stdout.write(f"bundle {publication.pk} published: {publication.digest}")
        if publication.strangers:
            self.stdout.write(f"authors without an account here: {', '.join(publication.strangers)}")

    def do_report(self, *, bundle: int, format: str, **_: Any) -> None:
        report = services.make_report(publication=find(bundle), now=timezone.now())
        self.stdout.write(telling.RENDERERS[format](report).rstrip("\n"))

    def do_approve(self, *, bundle: int, report: str, reason: str, **_: Any) -> None:
        self._judge(bundle, report, reason, approves=True)

    def do_reject(self, *, bundle: int, report: str, reason: str, **_: Any) -> None:
        self._judge(bundle, report, reason, approves=False)

    def _judge(self, bundle: int, report: str, reason: str, *, approves: bool) -> None:
        publication = find(bundle)
        services.judge(
            actor=read_actor(),
            publication=publication,
            approves=approves,
            bundle_digest=publication.digest,
            report_digest=report,
            reason=reason,
            now=timezone.now(),
        )
        self.stdout.write(f"bundle {bundle} {'approved' if approves else 'rejected'}")

    def do_schedule(self, *, bundle: int, at: datetime, **_: Any) -> None:
        services.activate(actor=read_actor(), publication=find(bundle), at=at, now=timezone.now())
        self.stdout.write(f"bundle {bundle} scheduled for {telling.moment(at)}")

    def do_activate(self, *, bundle: int, break_glass: bool, reason: str, **_: Any) -> None:
        publication = find(bundle)
        if break_glass:
            services.break_glass(
                actor=read_actor() if os.environ.get(TOKEN) else None,
                publication=publication,
                reason=reason,
                now=timezone.now(),
            )
        else:
            services.activate(actor=read_actor(), publication=publication, now=timezone.now())
        self.stdout.write(f"bundle {bundle} in force: {publication.digest}")

    def do_rollback(self, *, to: int | None, reason: str, **_: Any) -> None:
        activation = services.roll_back(
            actor=read_actor(), publication=find(to) if to else None, reason=reason, now=timezone.now()
        )
        publication = activation.publication
        self.stdout.write(f"bundle {publication.pk} in force again: {publication.digest}")

    def do_withdraw(self, *, bundle: int, reason: str, **_: Any) -> None:
        services.withdraw(actor=read_actor(), publication=find(bundle), reason=reason, now=timezone.now())
        self.stdout.write(f"bundle {bundle} withdrawn")

    def do_review(self, *, bundle: int, reason: str, **_: Any) -> None:
        services.review_bundle(
            actor=read_actor(), publication=find(bundle), reason=reason, now=timezone.now()
        )
        self.stdout.write(f"the break-glass activation of bundle {bundle} is reviewed")

    def do_checkout(
        self, *, bundle: int | None, to: Path, cases: Path | None, replace: bool, **_: Any
    ) -> None:
        if bundle is not None:
            publication = find(bundle)
        elif in_force := active():
            publication = in_force.publication
        else:
            raise CommandError("no published bundle is in force\nhint: `manage.py policy list` shows all")
        try:
            check_out(texts_of(publication), to, cases, replaces=replace)
        except FolderNotEmpty as error:
            raise CommandError(f"{error}\nhint: `--replace` replaces them") from None
        except OSError as error:
            raise CommandError(f"nothing was written: {error}") from None
        self.stdout.write(f"bundle {publication.pk} written to {to}: {publication.digest}")

    def do_list(self, **_: Any) -> None:
        self._tell(telling.listed())

    def do_show(self, *, bundle: int, **_: Any) -> None:
        self._tell(telling.shown(find(bundle)))

    def do_log(self, **_: Any) -> None:
        self._tell(telling.told())

    def do_approvers(self, *, add: str | None, remove: str | None, **_: Any) -> None:
        group = approvers()
        if name := add or remove:
            user = User.objects.filter(username=name).first()
            if user is None:
                raise CommandError(f"there is no account `{name}`")
            if add:
                user.groups.add(group)
            else:
                user.groups.remove(group)
        self._tell(listed_approvers())

    def _tell(self, lines: Iterator[str] | list[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _step(steps: Any, name: str, help: str) -> ArgumentParser:
    parser: ArgumentParser = steps.add_parser(name, help=help)
    parser.add_argument("bundle", type=read_number, help="the number of the bundle")
    return parser


def read_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise CommandError(
            f"`{text}` is not the number of a bundle\nhint: `manage.py policy list` shows them"
        )
    return int(text)


def find(number: int) -> Publication:
    publication = Publication.objects.filter(pk=number).select_related("published_by").first()
    if publication is None:
        raise CommandError(f"there is no bundle {number}\nhint: `manage.py policy list` shows all")
    return publication


def read_actor() -> User:
    """The person behind the token from the environment, or from a prompt. Never an argument, which others could see."""
    token = os.environ.get(TOKEN, "")
    if not token and sys.stdin.isatty():
        token = getpass.getpass("Your token: ")
    if not token:
        raise CommandError(f"this needs your token\nhint: set {TOKEN}, or run this in a terminal")
    user = find_user_by_token(token.strip())
    if user is None:
        raise CommandError("this token is unknown or revoked\nhint: POST /api/auth/tokens gives a new one")
    return user
