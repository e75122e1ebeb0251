"""`manage.py erase_account NAME`: erases a person and keeps their sales."""

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.accounts.erasure import ErasureHeld, erase_account
from marketplace.accounts.models import User

STAYS: Final = (
    "kept: messages and reviews of others, those of support agents too, which may mention this person"
)


class Command(BaseCommand):
    help = "Blank a person's texts, name and sign-in; completed sales stay. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--confirm", action="store_true", help="do it; without this, only say so")

    def handle(self, *, username: str, confirm: bool, **_: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"there is no account `{username}`")
        if not confirm:
            self.stdout.write(f"user {user.pk} would be erased for good: say --confirm to do it")
            self.stdout.write(STAYS)
            return
        try:
            blanked = erase_account(user_id=user.pk, now=timezone.now())
        except ErasureHeld as held:
            raise CommandError(
                f"the account is closed, and erased once nothing stands against it: {held}"
            ) from held
        for name, count in blanked.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(STAYS)
