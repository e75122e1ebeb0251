"""`manage.py desk`: the counts of a month, and the cases that granted appeals propose."""

import argparse
import json
import re
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from decisions.subcommands import Subcommand
from marketplace.desk.months import Month, count_month
from marketplace.desk.proposing import cases_as_yaml
from marketplace.moderation.models import AppealState
from marketplace.moderation.queries import appeals


class Command(BaseCommand):
    help = "Count a month's decisions about people, or print the cases that granted appeals propose."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(required=True, parser_class=Subcommand)
        month = actions.add_parser("month", help="count refusals, removals, reports and appeals of one month")
        month.add_argument("month", type=_month, metavar="YYYY-MM", help="in UTC")
        month.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
        month.set_defaults(action="month")
        cases = actions.add_parser("cases", help="print the case file that granted appeals propose")
        cases.set_defaults(action="cases")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "cases":
            self.stdout.write(cases_as_yaml(appeals(AppealState.OVERTURNED)), ending="")
            return
        counted = count_month(*options["month"])
        if options["format"] == "json":
            self.stdout.write(json.dumps(asdict(counted), indent=2))
        else:
            self.stdout.write("\n".join(_lines(counted)))


def _month(text: str) -> tuple[int, int]:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"`{text}` is not a month, such as 2026-11")
    year, month = text.split("-")
    return int(year), int(month)


def _lines(counted: Month) -> list[str]:
    hours = "none ruled" if counted.median_hours is None else f"median {counted.median_hours:g} hours"
    return [
        f"{counted.month}, in UTC",
        f"refusals: {sum(refused.count for refused in counted.refusals)}",
        *(f"  {refused.policy} {refused.rule}: {refused.count}" for refused in counted.refusals),
        f"holds: {counted.holds}",
        f"removals: {counted.removals}, {counted.removals_after_report} of them after a report",
        f"locked chats: {counted.locks}",
        f"reports: {sum(counted.reports.values())}",
        *(f"  {because}: {count}" for because, count in counted.reports.items()),
        f"appeals: {sum(counted.appeals.values())}, {counted.appeals_by_reporters} of them by reporters; {hours}",
        *(f"  {state}: {count}" for state, count in counted.appeals.items() if count),
    ]
