"""What was answered under an idempotency key, kept for a day."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """Written in the transaction of the effect: there is a row exactly when the effect was committed. Where that takes
    several steps, it is there from the first, without a status until the last."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys"
    )
    key = models.CharField(max_length=255)
    # Of method, path and body: the same key cannot stand for two requests.
    fingerprint = models.CharField(max_length=64)
    # Of the attempt that wrote this row, so that one of several at once knows that it is the first.
    claim = models.CharField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.TextField(blank=True)
    # What the texts in the answer are of, where they can be erased before the day is over, such as `conversation 7`.
    subject = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="one_row_per_actor_and_key")]

    def __str__(self) -> str:
        return f"idempotency key {self.pk} of user {self.actor_id}"
