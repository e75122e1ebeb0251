"""Read-only admin of the outbox."""

from django.contrib import admin

from decisions.admin import ReadOnlyAdmin
from marketplace.outbox.models import OutboxEvent


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    list_display = ["id", "dedup", "created_at", "sent_at", "attempts"]
