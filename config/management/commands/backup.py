"""`manage.py backup FOLDER`: copies the database and the evidence while the server runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups import BackupRefused, back_up, lacks_evidence, missing_evidence
from documents.plurals import counted


class Command(BaseCommand):
    help = "Back up the SQLite database and the evidence files to a new folder. Safe while the server runs."
    requires_system_checks = ()  # works with a broken policy file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder: Path, **_: Any) -> None:
        try:
            size = back_up(folder, now=timezone.now())
        except BackupRefused as refused:
            raise CommandError(f"{refused}\nhint: {refused.hint}") from None
        self.stdout.write(f"{folder}: {size} bytes")
        if lacks_evidence(folder):
            raise CommandError(
                "the evidence volume that the database knows is missing, so the backup contains only the database\n"
                "hint: mount the volume, check `evidence` in /readyz, and make another backup"
            )
        if missing := missing_evidence(folder):
            raise CommandError(
                f"the volume, and so the backup, lacks {counted(len(missing), 'file')} of evidence\n"
                "hint: is COMITY_EVIDENCE_DIR the server's? `manage.py retention orphans` names them"
            )
