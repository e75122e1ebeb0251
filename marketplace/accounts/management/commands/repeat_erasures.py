"""`manage.py repeat_erasures`: erases again, after a restore, who was erased since the backup."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.accounts.erasure import repeat_erasures
from marketplace.accounts.journal import JournalUnreadable


class Command(BaseCommand):
    help = "Erase again the accounts in the journal of erasures. Safe at any time; run it before serving a restored database."

    def handle(self, **_: Any) -> None:
        try:
            repeated = repeat_erasures(now=timezone.now())
        except (OSError, JournalUnreadable) as problem:
            raise CommandError(f"the journal of erasures cannot be read: {problem}") from None
        self.stdout.write(f"{repeated.erased} accounts erased again")
        for reason in repeated.held:
            self.stdout.write(f"closed, and erased once nothing holds it up: {reason}")
