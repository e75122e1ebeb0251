"""One row for each effect that must reach the outside after the commit, once."""

from django.db import models


class OutboxEvent(models.Model):
    kind = models.CharField(max_length=50)
    # What makes the event one event: a second row for the same thing is refused.
    dedup = models.CharField(max_length=100, unique=True)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # Until then nobody else delivers it: somebody is at it, or it has just failed.
    not_before = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(sent_at=None), name="outbox_unsent")]

    def __str__(self) -> str:
        return self.dedup
