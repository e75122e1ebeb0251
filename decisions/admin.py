"""Decision records in the admin: to be read, never to be written."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from decisions.models import DecisionRecord

# Django's class takes no type argument when it runs, and mypy takes none without.
if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:
    Admin = admin.ModelAdmin


class ReadOnlyAdmin(Admin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DecisionRecord)
class DecisionRecordAdmin(ReadOnlyAdmin):
    list_display = [
        "decided_at",
        "policy",
        "version",
        "outcome",
        "rule",
        "subject_kind",
        "subject_id",
        "actor_id",
    ]
    list_filter = ["policy", "outcome"]
    search_fields = ["=subject_id", "=request_id"]
