"""`manage.py run_due`: delivers events, deletes old idempotency keys, and runs other periodic work of the apps."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.outbox.due import run_due


class Command(BaseCommand):
    help = "Run the periodic work that is due. Safe at any time, even beside a running server."

    def handle(self, **_: Any) -> None:
        done = run_due(now=timezone.now())
        for duty in done:
            self.stdout.write(f"{duty.name}: {'failed' if duty.count is None else duty.count}")
        if any(duty.count is None for duty in done):
            raise CommandError("some work failed; see the log")
