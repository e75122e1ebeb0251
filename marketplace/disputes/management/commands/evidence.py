"""`manage.py evidence install`: marks the evidence volume, so that no other is mistaken for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from decisions.subcommands import Subcommand
from marketplace.disputes.storage.installing import InstallRefused, install_volume
from marketplace.disputes.storage.store import StorageUnavailable


class Command(BaseCommand):
    help = "Install the evidence volume, a folder or a bucket. Safe to repeat."
    requires_system_checks = ()  # works with a broken policy file

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True, parser_class=Subcommand)
        install = steps.add_parser("install", help="mark the volume; run once before the first start")
        install.add_argument("--adopt", action="store_true", help="use this volume instead of the known one")
        install.add_argument(
            "--accept-missing",
            action="store_true",
            help="proceed even if files that can still be downloaded are missing",
        )

    def handle(self, *, adopt: bool, accept_missing: bool, verbosity: int, **_: Any) -> None:
        try:
            installed = install_volume(adopt=adopt, accept_missing=accept_missing, now=timezone.now())
        except InstallRefused as refused:
            raise CommandError(f"{refused}\nhint: {refused.hint}") from None
        except StorageUnavailable as problem:
            raise CommandError(f"the storage is unusable: {problem}") from None
        if verbosity:
            state = "installed" if installed.new else "in place"
            self.stdout.write(f"evidence volume {installed.volume}: {state}")
