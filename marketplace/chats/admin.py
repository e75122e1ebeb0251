"""Read-only admin of chats."""

from django.contrib import admin

from decisions.admin import ReadOnlyAdmin
from marketplace.chats.models import Chat, Message


@admin.register(Chat)
class ChatAdmin(ReadOnlyAdmin):
    list_display = ["id", "product", "buyer", "seller", "last_seq", "locked_at"]
    list_select_related = ["product", "buyer", "seller"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["id", "chat", "seq", "author", "sent_at"]
    list_select_related = ["chat", "author"]
