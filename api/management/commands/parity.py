"""`manage.py parity`: send the same requests to both surfaces of the assistant and report every difference."""

import logging
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from api.parity.corpus import read_corpus
from api.parity.generated import generate
from api.parity.report import write_report
from api.parity.trial import compare_apart
from documents.plurals import counted


class Command(BaseCommand):
    help = (
        "Send hand-picked and generated requests to both surfaces of the assistant, in a database that is made for "
        "it and thrown away, and write a report. Fails where anything differs."
    )

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        """No databases: from Django 6.1 on, checks open all of them, and SQLite would create a missing file."""
        return {"databases": []}

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", type=Path, help="the file to write")
        parser.add_argument(
            "--requests", type=int, default=2_000, help="number of requests to generate (2,000)"
        )
        parser.add_argument("--seed", type=int, default=0, help="seed for the generated requests (0)")

    def handle(self, *, report: Path, requests: int, seed: int, **_: Any) -> None:
        corpus = read_corpus()
        logging.disable(logging.ERROR)  # thousands of uninteresting request lines
        try:
            compared = compare_apart([*corpus, *generate(requests, seed=seed)])
        finally:
            logging.disable(logging.NOTSET)
        written = write_report(
            report, compared, corpus=len(corpus), generated=requests, seed=seed, now=timezone.now()
        )
        for difference in written.shown:
            self.stderr.write(difference)
        summary = f"{counted(written.requests, 'request')}, {counted(written.differences, 'difference')}, written to {report}"
        if written.differences or len(set(written.contracts.values())) > 1:
            raise CommandError(f"the surfaces differ: {summary}")
        self.stdout.write(summary)
