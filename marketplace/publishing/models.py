"""Publications, their reports, verdicts and activations. INVARIANT: all but `ServerProcess` are append-only, enforced by
triggers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from decisions.fields import ExactJSONField

USER = settings.AUTH_USER_MODEL


class Kind(models.TextChoices):
    ACTIVATE = "activate"
    ROLL_BACK = "roll_back"
    BREAK_GLASS = "break_glass"


class Publication(models.Model):
    """A bundle with its claims, cases and lock. Their texts are `decisions.models.PolicyDocument`s."""

    digest = models.CharField(max_length=71)
    """The digest of the bundle, which decisions name. Claims and cases are no part of it."""
    engine = models.CharField(max_length=50)
    files = ExactJSONField()
    """The SHA-256 of each file by its path. Cases are in the folder `cases`."""
    revision = models.CharField(max_length=80, blank=True)
    """The git revision that was published; empty outside of git."""
    strangers = ExactJSONField()
    """The names of git authors who have no account here."""
    published_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        permissions = [("approve_publication", "Can approve published bundles")]

    def __str__(self) -> str:
        return f"bundle {self.pk}"


class Author(models.Model):
    """Who published a bundle, or is named as an author by git."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="authors")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "user"], name="author_of_a_publication_once")
        ]

    def __str__(self) -> str:
        return f"author {self.user_id} of bundle {self.publication_id}"


class Report(models.Model):
    """What a bundle changes compared with the bundle in force when the report was made."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="reports")
    base = models.ForeignKey(Publication, on_delete=models.PROTECT, null=True, related_name="+")
    """The published bundle in force; null if none was activated yet."""
    base_digest = models.CharField(max_length=71)
    change = models.CharField(max_length=20)
    not_proven = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)
    body = models.TextField()
    """Canonical JSON, of which `digest` is the SHA-256."""
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(change__in=["texts", "parameters", "rules", "claims"]),
                name="change_of_a_report_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"report {self.pk} about bundle {self.publication_id}"


class Verdict(models.Model):
    """An approval or a rejection, of the bundle and the report that its author saw."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="verdicts")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="verdicts")
    approves = models.BooleanField()
    bundle_digest = models.CharField(max_length=71)
    report_digest = models.CharField(max_length=71)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "by"], name="one_verdict_of_a_person_on_a_report")
        ]

    def __str__(self) -> str:
        return f"verdict {self.pk} on bundle {self.publication_id}"


class Activation(models.Model):
    """Puts a bundle in force at `scheduled_for`, or at once. The latest one that has begun and is not withdrawn counts."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="activations")
    kind = models.CharField(max_length=20, choices=Kind)
    scheduled_for = models.DateTimeField(null=True)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    """Null if somebody broke the glass without a token."""
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="kind_of_an_activation_is_known"),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(kind=Kind.BREAK_GLASS),
                name="only_break_glass_activates_without_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") | ~Q(kind=Kind.BREAK_GLASS), name="break_glass_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(scheduled_for__isnull=True) | Q(kind=Kind.ACTIVATE),
                name="only_approved_bundles_are_scheduled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of bundle {self.publication_id}"


class Withdrawal(models.Model):
    """Says that a bundle which has not been in force never will be."""

    publication = models.OneToOneField(Publication, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(blank=True)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+")
    """Null if a break-glass activation without a token withdrew it."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"withdrawal of bundle {self.publication_id}"


class Review(models.Model):
    """Somebody else has looked at a break-glass activation."""

    activation = models.OneToOneField(Activation, on_delete=models.PROTECT, related_name="review")
    reason = models.TextField(blank=True)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"review of activation {self.activation_id}"


class ServerProcess(models.Model):
    """A server process that polls for the bundle in force, and what it decides with. Changed and deleted freely."""

    name = models.CharField(max_length=100, unique=True)
    pid = models.PositiveIntegerField()
    digest = models.CharField(max_length=71, blank=True)
    problem = models.TextField(blank=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"server process {self.pk}"
