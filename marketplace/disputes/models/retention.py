"""Records of sweeps: a row per run, evidence of each deletion, and the hash chain that seals the evidence."""

from django.db import models
from django.db.models import Q


class SweepRun(models.Model):
    """`at` is the time the run used; a rehearsal uses one other than the clock's."""

    run = models.UUIDField(unique=True)
    at = models.DateTimeField()
    started_at = models.DateTimeField()
    rehearsal = models.BooleanField()

    def __str__(self) -> str:
        return f"sweep {self.run}"


class PurgeEvidence(models.Model):
    """That a file was deleted, when and by which rule: no content, no name, no person. INVARIANT: append-only, and only about
    purged media; enforced by triggers."""

    # Plain numbers instead of foreign keys: the evidence outlives the rows it refers to.
    media_id = models.BigIntegerField(unique=True)
    dispute_id = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    rule = models.CharField(max_length=200)
    policy = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=71, blank=True)
    closed_at = models.DateTimeField(null=True)
    retain_until = models.DateTimeField(null=True)
    purged_at = models.DateTimeField()
    run = models.UUIDField()
    absent = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(absent=True), name="evidence_saw_the_object_absent")
        ]

    def __str__(self) -> str:
        return f"evidence of media {self.media_id}"


class EvidenceSeal(models.Model):
    """One link of the chain: `chain` hashes the previous link and the evidence, so that changing, dropping or moving a record
    is detected. Append-only."""

    position = models.PositiveBigIntegerField(unique=True)
    evidence = models.OneToOneField(PurgeEvidence, on_delete=models.PROTECT, related_name="seal")
    chain = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.position}"
