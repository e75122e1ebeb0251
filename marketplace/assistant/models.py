"""Conversations with the assistant and their messages. Only signed-in users have any."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Author(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"


class Conversation(models.Model):
    """The title is created with the first message. Messages up to `read_seq` are read."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conversations"
    )
    product = models.ForeignKey(
        "catalog.Product", null=True, on_delete=models.PROTECT, related_name="conversations"
    )
    title = models.TextField()
    last_seq = models.PositiveIntegerField(default=0)
    read_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["owner", "-updated_at", "-id"], name="inbox_newest_first")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="conversation_has_a_title"),
            models.CheckConstraint(condition=Q(read_seq__lte=F("last_seq")), name="read_is_what_was_written"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"


class Message(models.Model):
    """`about` holds the topic and the decision behind an answer."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.CharField(max_length=10, choices=Author)
    text = models.TextField()
    sent_at = models.DateTimeField()
    about = models.JSONField(default=dict)
    queue_item = models.OneToOneField(
        "moderation.QueueItem", null=True, on_delete=models.PROTECT, related_name="assistant_message"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "seq"], name="one_message_per_place_in_conversation"
            ),
            models.CheckConstraint(condition=Q(author__in=Author.values), name="message_author_is_known"),
            models.CheckConstraint(
                condition=Q(author=Author.USER) | Q(queue_item=None), name="only_people_are_moderated"
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.seq} of conversation {self.conversation_id}"
