"""`manage.py serve`: the server, as `make run` and the container start it."""

from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError

from config import serving


class Command(BaseCommand):
    help = (
        "Serves on COMITY_HOST and COMITY_PORT (127.0.0.1 and 8000) with COMITY_WORKERS processes (1) "
        "of COMITY_THREADS threads (4), until a signal ends it."
    )

    # The workers load the policies. Broken ones do not prevent a start; `/readyz` reports them.
    requires_system_checks = [Tags.caches]

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            serving.serve()
        except serving.PortTaken as problem:
            hint = f"; {problem.hint}" if problem.hint else ""
            raise CommandError(f"{problem}{hint}") from problem
