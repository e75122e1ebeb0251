"""The Django app of the demo: a command, no tables."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "marketplace.demo"
