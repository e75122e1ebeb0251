"""Django's command line, which tells in a sentence what everybody who runs an installation meets one day."""

import sys
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import Error

from marketplace.outages import explain


def main(argv: list[str]) -> None:
    try:
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        if "--traceback" in argv:
            raise
        _stop(str(error))
    except Error as error:
        told = explain(error)
        if told is None or "--traceback" in argv:
            raise
        message, hint = told
        _stop(f"{message}\nhint: {hint}")


def _stop(told: str) -> NoReturn:
    sys.exit(f"CommandError: {told}")
