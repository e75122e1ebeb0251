"""One row for each effect that must reach the outside after the commit, once."""

from django.db import models


class OutboxEvent(models.Model):
    kind = models.CharField(max_length=50)
    # What makes the event one event: a second row for the same thing is refused.
    dedup = models.CharField(max_length=100, unique=True)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.dedup
