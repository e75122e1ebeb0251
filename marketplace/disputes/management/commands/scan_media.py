"""`manage.py scan_media`: scans quarantined files that have no scan result yet."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.disputes.media.scanning import find_scanner, scan_quarantined


class Command(BaseCommand):
    help = "Scan quarantined media that has no scan result yet."

    def handle(self, **_: Any) -> None:
        scanner = find_scanner()
        if scanner is None:
            raise CommandError("no scanner is configured: set COMITY_SCANNER, such as tcp://127.0.0.1:3310")
        scan_quarantined(scanner=scanner, now=timezone.now(), report=self.stdout.write)
