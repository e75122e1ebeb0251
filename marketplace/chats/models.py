"""Chats and their messages. A locked chat accepts no messages and is never unlocked."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Chat(models.Model):
    """INVARIANT: locked_at, once set, never changes, and no message follows; enforced by triggers."""

    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="chats")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="chats_as_buyer"
    )
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="chats_as_seller"
    )
    last_seq = models.PositiveIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    locked_seq = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["locked_at"], condition=Q(locked_at__isnull=False), name="locked_chats")
        ]
        constraints = [
            models.UniqueConstraint(fields=["product", "buyer"], name="one_chat_per_product_and_buyer"),
            models.CheckConstraint(condition=~Q(buyer=F("seller")), name="chat_has_two_parties"),
            models.CheckConstraint(
                condition=Q(locked_at=None, locked_seq=None)
                | Q(locked_at__isnull=False, locked_seq__isnull=False, locked_seq=F("last_seq")),
                name="locked_chat_knows_its_last_message",
            ),
        ]

    def __str__(self) -> str:
        return f"chat {self.pk}"


class Message(models.Model):
    """A moderator's verdict is not copied here, but read from the queue item."""

    chat = models.ForeignKey(Chat, on_delete=models.PROTECT, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    text = models.TextField()
    sent_at = models.DateTimeField()
    queue_item = models.OneToOneField(
        "moderation.QueueItem", null=True, on_delete=models.PROTECT, related_name="message"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "seq"], name="one_message_per_place_in_chat")]

    def __str__(self) -> str:
        return f"message {self.seq} of chat {self.chat_id}"
