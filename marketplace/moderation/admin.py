"""Read-only admin of the review queue."""

from django.contrib import admin

from decisions.admin import ReadOnlyAdmin
from marketplace.moderation.models import Appeal, BlockedText, Insult, QueueItem, Report


@admin.register(QueueItem)
class QueueItemAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "flagged_for", "urgent", "held", "state", "verdict", "created_at"]
    list_filter = ["state", "urgent", "held", "verdict"]


@admin.register(Insult)
class InsultAdmin(ReadOnlyAdmin):
    list_display = ["id", "author", "thread_kind", "thread_id", "at"]
    list_select_related = ["author"]


@admin.register(BlockedText)
class BlockedTextAdmin(ReadOnlyAdmin):
    list_display = ["id", "author", "kind", "blocked_at", "kept_until", "kept_for"]
    list_select_related = ["author"]
    exclude = ["sealed"]


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "text_id", "because", "at"]


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "because", "opened_at", "state", "ruled_at", "delivered"]
    list_filter = ["state"]
