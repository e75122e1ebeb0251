"""`manage.py restore FOLDER`: verifies a backup and restores it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backups import BackupRefused, lacks_evidence, restore, verify_backup


class Command(BaseCommand):
    help = "Restore what `backup` made. Stop the server first; while it runs, this is refused."
    requires_system_checks = ()  # works with a broken policy file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="although there is data here, which is lost"
        )
        parser.add_argument("--check", action="store_true", help="only look whether the backup is whole")

    def handle(self, *, folder: Path, replace: bool, check: bool, **_: Any) -> None:
        try:
            made_at = verify_backup(folder)
            if not check:
                restore(folder, replace=replace)
        except BackupRefused as refused:
            raise CommandError(f"{refused}\nhint: {refused.hint}") from None
        self.stdout.write(f"{folder}: {'whole' if check else 'restored'}, of {made_at.isoformat()}")
        if lacks_evidence(folder):
            self.stdout.write("this backup holds the database alone: files of evidence stay as they are")
        if not check:
            self.stdout.write("now: manage.py migrate, then erase again whom the log says was erased since")
