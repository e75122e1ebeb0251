"""`manage.py restore FOLDER`: verifies a backup and restores it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config.backups import BackupRefused, lacks_evidence, restore, verify_backup
from marketplace.accounts.journal import journal


class Command(BaseCommand):
    help = "Restore a backup. Refused while a server runs: stop it first."
    requires_system_checks = ()  # works with a broken policy file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="overwrite existing data")
        parser.add_argument("--check", action="store_true", help="only verify the backup")

    def handle(self, *, folder: Path, replace: bool, check: bool, **_: Any) -> None:
        try:
            made_at = verify_backup(folder)
            if not check:
                restore(folder, replace=replace, then=self._erase_again)
        except BackupRefused as refused:
            raise CommandError(f"{refused}\nhint: {refused.hint}") from None
        self.stdout.write(f"{folder}: {'whole' if check else 'restored'}, of {made_at.isoformat()}")
        if lacks_evidence(folder):
            self.stdout.write("this backup contains only the database: evidence files are left alone")
        if not check and journal() is None:
            self.stdout.write(
                "next: run manage.py migrate, then erase again the accounts that the log shows as erased since"
            )

    def _erase_again(self) -> None:
        """Before a server starts, and so after the migrations that the backup lacks."""
        if journal() is not None:
            call_command("migrate", verbosity=0)
            call_command("repeat_erasures", stdout=self.stdout)
