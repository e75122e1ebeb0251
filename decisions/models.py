"""The append-only record of every decision behind a write, and the keys of its pseudonyms."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class DecisionRecord(models.Model):
    """INVARIANT: a row is never changed or deleted; enforced by triggers in both databases."""

    policy = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=71)
    outcome = models.CharField(max_length=100)
    rule = models.CharField(max_length=200)
    subject_kind = models.CharField(max_length=50)
    # Plain numbers instead of foreign keys: the record outlives the rows it refers to.
    subject_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    duration_us = models.PositiveIntegerField()
    request_id = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField()
    # The moment that chose the version; null in records that are older than this column, where it is `decided_at`.
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "subject_kind"], name="decision_of_subject"),
            models.Index(fields=["request_id"], name="decision_of_request"),
            models.Index(fields=["policy", "id"], name="decision_of_policy"),
            models.Index(fields=["policy", "outcome", "id"], name="decision_of_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}@{self.version} {self.outcome} for {self.subject_kind} {self.subject_id}"


class PseudonymKey(models.Model):
    """The key for one person's private facts. Without it, the facts cannot be recovered or compared with known values."""

    actor_id = models.BigIntegerField(unique=True)
    key = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"pseudonym key of user {self.actor_id}"
