"""Periodic work that logs each run and its process to the file in DUTY_NOTES."""

import os
from datetime import datetime
from pathlib import Path

from django.apps import AppConfig


class CountedDutyConfig(AppConfig):
    name = "tests.config"
    label = "counted_duty"
    due = ("tests.config.counted_duty.note",)


def note(*, now: datetime) -> int:
    with Path(os.environ["DUTY_NOTES"]).open("a") as notes:
        notes.write(f"{os.getpid()}\n")
    return 0
