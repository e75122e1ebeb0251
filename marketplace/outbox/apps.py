"""The Django app of the outbox."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "marketplace.outbox"
    due = ("marketplace.outbox.delivery.deliver_events",)
