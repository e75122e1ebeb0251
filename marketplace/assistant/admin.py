"""Read-only admin of conversations, without the messages, which only their owner may see."""

from django.contrib import admin

from decisions.admin import ReadOnlyAdmin
from marketplace.assistant.models import Conversation


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ["id", "owner", "product", "last_seq", "updated_at"]
    list_select_related = ["owner", "product"]
    fields = ["owner", "product", "last_seq", "read_seq", "created_at", "updated_at"]
