"""The append-only record of every decision that a write rested on, and the keys of the pseudonyms in it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class DecisionRecord(models.Model):
    """INVARIANT: a row is never changed or deleted; triggers in both databases refuse it."""

    policy = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)
    outcome = models.CharField(max_length=100)
    rule = models.CharField(max_length=200)
    subject_kind = models.CharField(max_length=50)
    # Plain numbers rather than foreign keys: the evidence outlives what it is about.
    subject_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    facts = models.JSONField(encoder=DjangoJSONEncoder)
    duration_us = models.PositiveIntegerField()
    request_id = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField()

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
    """What the private facts of one person's decisions are keyed with. Without it nobody can tell any more what
    they were, nor that two of them are equal to something known."""

    actor_id = models.BigIntegerField(unique=True)
    key = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"pseudonym key of user {self.actor_id}"
