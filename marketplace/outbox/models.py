"""One row for each effect that must reach the outside after the commit, once."""

from django.db import models


class OutboxEvent(models.Model):
    kind = models.CharField(max_length=50)
    # The deduplication key: a second row with the same one is refused.
    dedup = models.CharField(max_length=100, unique=True)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # Not delivered before this time: an attempt is in progress or has just failed.
    not_before = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(sent_at=None), name="outbox_unsent")]

    def __str__(self) -> str:
        return self.dedup
