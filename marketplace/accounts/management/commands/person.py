"""`manage.py person`: adds users with a role, sets passwords, and ends tokens and sessions."""

import getpass
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from decisions.subcommands import Subcommand
from marketplace.accounts import services
from marketplace.accounts.models import Role, User
from marketplace.accounts.queries import count_tokens


class Command(BaseCommand):
    help = "Add a person with a role, change the role or password, end tokens and sessions."
    requires_system_checks = ()  # tokens must be revocable with a broken policy file

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, parser_class=Subcommand)
        names = {
            "add": "add a person; asks for the password, or reads it from standard input",
            "show": "print a person's role and number of valid tokens",
            "role": "change the role",
            "password": "set a new password, which ends all tokens and sessions",
            "revoke-tokens": "revoke all tokens; sessions continue",
            "sign-out": "end all tokens and sessions",
        }
        for act, said in names.items():
            parsed = acts.add_parser(act, help=said, description=said)
            parsed.add_argument("username")
            if act == "role":
                parsed.add_argument("role", choices=Role.values)
            if act == "add":
                parsed.add_argument("--role", choices=Role.values, required=True)
                parsed.add_argument("--email", default="", help="the address for password reset links")
                parsed.add_argument(
                    "--admin",
                    action="store_true",
                    help="grant read access to /admin/ with the group of the role",
                )

    def handle(self, *, act: str, username: str, **options: Any) -> None:
        if act == "add":
            self._add(username, role=Role(options["role"]), email=options["email"], admin=options["admin"])
            return
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(
                f"there is no account `{username}`\nhint: `manage.py person add {username} --role ROLE`"
            )
        if act == "show":
            admin = (
                "superuser" if user.is_superuser else "may open the admin" if user.is_staff else "no admin"
            )
            self.stdout.write(f"{username}: {user.role}, {admin}, {_count(count_tokens(user), 'token')}")
        elif act == "role":
            self._change_role(user, Role(options["role"]))
        elif act == "password":
            self._give_password(user)
        elif act == "revoke-tokens":
            count = services.revoke_tokens(user_id=user.pk, now=timezone.now())
            self.stdout.write(f"{username}: {_count(count, 'token')} revoked")
        else:
            count = services.sign_out_everywhere(user_id=user.pk, now=timezone.now())
            self.stdout.write(f"{username}: signed out everywhere, {_count(count, 'token')} revoked")

    def _add(self, username: str, *, role: Role, email: str, admin: bool) -> None:
        if User.objects.filter(username=username).exists():
            raise CommandError(
                f"the account `{username}` already exists\nhint: `manage.py person role {username} {role}`"
            )
        try:
            services.add_person(
                username=username, email=email, password=_read_password(), role=role, admin=admin
            )
        except ValidationError as error:
            raise CommandError(_message_of(error)) from None
        except services.NoGroup:
            raise CommandError(_no_group(role)) from None
        self.stdout.write(f"{username}: {role}{', may open the admin' if admin else ''}")

    def _change_role(self, user: User, role: Role) -> None:
        try:
            services.change_role(user_id=user.pk, role=role)
        except services.NoGroup:
            raise CommandError(_no_group(role)) from None
        self.stdout.write(f"{user.username}: {role}")

    def _give_password(self, user: User) -> None:
        try:
            services.give_password(user=user, password=_read_password(), now=timezone.now())
        except ValidationError as error:
            raise CommandError(_message_of(error)) from None
        except services.PasswordChangedMeanwhile:
            raise CommandError("the password was changed at the same time\nhint: try again") from None
        self.stdout.write(f"{user.username}: new password; every token and session has ended")


def _read_password() -> str:
    """Never from an argument, which other users of the machine could see."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password: ")
        if getpass.getpass("Password (again): ") != password:
            raise CommandError("the two passwords differ")
    if not password:
        raise CommandError("there is no password\nhint: pass it on standard input, or run this in a terminal")
    return password


def _message_of(error: ValidationError) -> str:
    return "\n".join(_sentences(error))


def _sentences(error: ValidationError) -> Iterator[str]:
    if not hasattr(error, "error_dict"):
        yield from error.messages
        return
    for field, messages in error.message_dict.items():
        yield from (f"{field}: {message}" for message in messages)


def _no_group(role: Role) -> str:
    if role not in services.GROUPS:
        return f"the admin has nothing for the role `{role}`\nhint: leave out --admin"
    return (
        f"there is no group `{services.GROUPS[role]}`, which a migration created\n"
        "hint: create it in the admin, with what this role may view"
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
