"""`manage.py erase_account NAME`: erases a person and keeps their sales."""

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace.accounts.erasure import ErasureHeld, erase_account
from marketplace.accounts.models import User

STAYS: Final = "kept: messages and reviews of others, including support agents, which may mention this person"


class Command(BaseCommand):
    help = "Erase a person's texts, name and sign-in; completed sales stay. This cannot be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--confirm", action="store_true", help="erase; without this, only report")

    def handle(self, *, username: str, confirm: bool, **_: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"there is no account `{username}`")
        if not confirm:
            self.stdout.write(f"user {user.pk} would be erased permanently: pass --confirm to do it")
            self.stdout.write(STAYS)
            return
        try:
            blanked = erase_account(user_id=user.pk, now=timezone.now())
        except ErasureHeld as held:
            raise CommandError(
                f"the account is closed, and will be erased once nothing holds it up: {held}"
            ) from held
        for name, count in blanked.items():
            self.stdout.write(f"{name}: {count}")
        self.stdout.write(STAYS)
