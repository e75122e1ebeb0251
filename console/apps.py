"""The Django app of the console's templates and static files."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"
