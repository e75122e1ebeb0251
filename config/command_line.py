"""Django's command line, with one-sentence messages for common operational errors."""

import sys
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import Error

from marketplace.outages import explain


def main(argv: list[str]) -> None:
    try:
        if not _asks_for_help(argv):
            settings.INSTALLED_APPS  # noqa: B018 - `shell` would start without settings, and not say why it has none
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        if "--traceback" in argv:
            raise
        _stop(str(error))
    except Error as error:
        explained = explain(error)
        if explained is None or "--traceback" in argv:
            raise
        message, hint = explained
        _stop(f"{message}\nhint: {hint}")


def _asks_for_help(argv: list[str]) -> bool:
    return not {"help", "version", "--help", "-h", "--version"}.isdisjoint(argv[1:]) or not argv[1:]


def _stop(message: str) -> NoReturn:
    sys.exit(f"CommandError: {message}")
