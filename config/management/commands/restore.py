"""`manage.py restore FOLDER`: verifies a backup and restores it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backups import BackupRefused, lacks_evidence, restore, verify_backup


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
                restore(folder, replace=replace)
        except BackupRefused as refused:
            raise CommandError(f"{refused}\nhint: {refused.hint}") from None
        self.stdout.write(f"{folder}: {'whole' if check else 'restored'}, of {made_at.isoformat()}")
        if lacks_evidence(folder):
            self.stdout.write("this backup contains only the database: evidence files are left alone")
        if not check:
            self.stdout.write(
                "next: run manage.py migrate, then erase again the accounts that the log shows as erased since"
            )
