"""The Django app of the moderators' desk: a command, no tables."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "marketplace.desk"
