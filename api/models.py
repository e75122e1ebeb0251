"""Responses stored under idempotency keys for one day."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """Written in the transaction of the effect: the row exists exactly if the effect was committed. Work in several steps
    creates the row in its first step and sets the status in its last."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys"
    )
    key = models.CharField(max_length=255)
    # Of method, path and body: a key cannot be reused for another request.
    fingerprint = models.CharField(max_length=64)
    # Of the attempt that wrote this row, so that one of several concurrent attempts knows that it won.
    claim = models.CharField(max_length=32)
    # Only without a status: when the lease of work in steps ends. Each step renews it.
    lease_ends_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="one_row_per_actor_and_key")]

    def __str__(self) -> str:
        return f"idempotency key {self.pk} of user {self.actor_id}"


class AnswerSubject(models.Model):
    """Whose data a response contains besides the caller's, such as `user 7` or `conversation 3`: the response is deleted with
    it."""

    answer = models.ForeignKey(IdempotencyKey, on_delete=models.CASCADE, related_name="subjects")
    kind = models.CharField(max_length=20)
    number = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "number"], name="answers_by_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} in answer {self.answer_id}"
