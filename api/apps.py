"""The Django app of the API: its commands, and the responses stored under idempotency keys."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    erases = ("api.idempotency.forget_keys",)
    forgets = ("api.idempotency.forget_answers",)
    due = ("api.idempotency.prune_keys",)
