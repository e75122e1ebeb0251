"""What sweeps leave behind: a row for each run, evidence of each deletion, and the chain that seals the evidence."""

from django.db import models
from django.db.models import Q


class SweepRun(models.Model):
    """`at` is the moment that the run took for now; a rehearsal took one that the clock did not show."""

    run = models.UUIDField(unique=True)
    at = models.DateTimeField()
    started_at = models.DateTimeField()
    rehearsal = models.BooleanField()

    def __str__(self) -> str:
        return f"sweep {self.run}"


class PurgeEvidence(models.Model):
    """That a file was deleted, when and by which rule: no content, no name, no person.
    INVARIANT: append-only, and only about purged media; triggers say so too."""

    # Plain numbers rather than foreign keys: the evidence outlives what it is about.
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
    """One link of the chain: `chain` is the hash of the link before and of the evidence, so that no record can be
    changed, dropped or moved unnoticed. Append-only."""

    position = models.PositiveBigIntegerField(unique=True)
    evidence = models.OneToOneField(PurgeEvidence, on_delete=models.PROTECT, related_name="seal")
    chain = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.position}"
