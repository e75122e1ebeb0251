"""The Django app of the API: its commands, no tables."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
