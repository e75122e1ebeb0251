"""The append-only record of every decision behind a write, what it was decided with, and the keys of private facts."""

from typing import ClassVar

from django.db import models

from decisions.fields import ExactJSONField


class PolicyDocument(models.Model):
    """The text of one policy file. INVARIANT: append-only, enforced by triggers."""

    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return f"policy document {self.sha256[:12]}"


class PolicyBundle(models.Model):
    """The documents of a bundle that decided on record, and the version of the engine that read them. INVARIANT: append-only,
    enforced by triggers."""

    digest = models.CharField(max_length=71)
    engine = models.CharField(max_length=50)
    revision = models.CharField(max_length=80, blank=True)
    """What `git describe` said of the policy folder; empty outside of git."""
    documents = ExactJSONField()
    """The SHA-256 of each document by file name."""
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "engine"], name="one_text_for_each_digest_and_engine")
        ]

    def __str__(self) -> str:
        return f"bundle {self.digest} read by {self.engine}"


class DecisionRecord(models.Model):
    """INVARIANT: a row is never changed or deleted; enforced by triggers in both databases."""

    policy = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=71)
    engine = models.CharField(max_length=50, blank=True, db_default="")
    """With the digest, the `PolicyBundle` that decided. Empty in records from before texts were kept."""
    outcome = models.CharField(max_length=100)
    rule = models.CharField(max_length=200)
    reason = models.TextField(blank=True, db_default="")
    subject_kind = models.CharField(max_length=50)
    # Plain numbers instead of foreign keys: the record outlives the rows it refers to.
    subject_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    facts = ExactJSONField()
    answer = ExactJSONField(null=True)
    """The rest of the decision: `decisions.records.answer_of`. Null in records from before it was kept."""
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
            models.Index(fields=["decided_at"], name="decision_by_time"),
        ]

    def __str__(self) -> str:
        revision = f" revision {self.revision}" if self.revision else ""
        return (
            f"{self.policy}@{self.version}{revision} {self.outcome} for {self.subject_kind} {self.subject_id}"
        )


class PseudonymKey(models.Model):
    """The key for one person's private facts. Without it, nobody can read the facts or compare them with known values."""

    actor_id = models.BigIntegerField(unique=True)
    key = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"pseudonym key of user {self.actor_id}"


class SealedFacts(models.Model):
    """The private facts of one record, encrypted under the person's key. INVARIANT: never changed; enforced by triggers."""

    record_id = models.BigIntegerField(unique=True)
    actor_id = models.BigIntegerField(db_index=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"sealed facts of record {self.record_id}"


class ReplayRun(models.Model):
    """What one replay of recorded decisions found."""

    at = models.DateTimeField()
    replayed = models.PositiveIntegerField()
    not_replayable = models.PositiveIntegerField()
    differing = models.PositiveIntegerField()
    different = ExactJSONField()
    """The first differing records, and what differs."""

    def __str__(self) -> str:
        return f"replay at {self.at.isoformat()}"


class LogHead(models.Model):
    """Seals every record up to an id; see `decisions.chain`. INVARIANT: only `sent_at` changes; enforced by triggers."""

    KIND: ClassVar = "head"

    number = models.PositiveBigIntegerField(unique=True)
    upto = models.BigIntegerField()
    count = models.PositiveBigIntegerField()
    link = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    key = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)
    sent_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"head {self.number} of the log"


class LogCheckpoint(models.Model):
    """Says that the records up to a head may be deleted, and where the chain goes on. INVARIANT: append-only, enforced by
    triggers."""

    KIND: ClassVar = "checkpoint"

    number = models.PositiveBigIntegerField(unique=True)
    upto = models.BigIntegerField()
    count = models.PositiveBigIntegerField()
    link = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    key = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)

    def __str__(self) -> str:
        return f"checkpoint at head {self.number} of the log"
