"""Subcommands of `manage.py`, such as `policy replay`, that accept Django's own options like commands do."""

from argparse import SUPPRESS, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Subcommand(CommandParser):
    """A `parser_class` for `add_subparsers`: argparse accepts a command's options only before its subcommand."""

    def __init__(self, **options: Any) -> None:
        shared = _Shared().create_parser("", "", add_help=False, argument_default=SUPPRESS)
        super().__init__(parents=[shared], **options)


class _Shared(BaseCommand):
    def add_base_argument(self, parser: CommandParser, *args: Any, **kwargs: Any) -> None:
        """Without defaults, which would overwrite values given before the subcommand."""
        super().add_base_argument(parser, *args, **kwargs | {"default": SUPPRESS})


def read_moment(text: str) -> datetime:
    """An argument's moment. Raises ArgumentTypeError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ArgumentTypeError(f"`{text}` is not a time with an offset, such as 2026-12-31T12:00:00Z")
    return moment
