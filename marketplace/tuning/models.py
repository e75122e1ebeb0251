"""Labelled sets with versions: which texts belong to them, what detectors found, and who gave which categories.

A text of a person is never copied: a row says where it stands, so it is gone with its author. Only imported texts, which are
nobody's here, are stored.
"""

from typing import get_args

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.moderation.facts import Mode
from marketplace.moderation.models import Kind

BLOCKED = "blocked_text"


class LabelledSet(models.Model):
    """One version of a set. INVARIANT: once it is frozen, neither its texts nor its labels change; enforced by triggers."""

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    """When it was first used. The next change makes a new version."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_set_per_name_and_version"),
            models.CheckConstraint(
                condition=Q(version__gte=1) & ~Q(name=""), name="set_has_name_and_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Source(models.TextChoices):
    IMPORT = "import"
    RULING = "ruling"
    APPEAL = "appeal"
    BLIND = "blind"


MODES = get_args(Mode)
IMPORTED = Q(source=Source.IMPORT, text__isnull=False, author=None, kind="", text_id=None) & ~Q(reference="")
ELSEWHERE = ~Q(source=Source.IMPORT) & Q(
    text=None,
    author__isnull=False,
    kind__in=[*Kind.values, BLOCKED],
    text_id__isnull=False,
    reference="",
)


class SampleText(models.Model):
    """A text of the versions from `since` on, and before `until`."""

    name = models.CharField(max_length=60)
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=10, choices=Source)
    mode = models.CharField(max_length=10, choices=[(mode, mode) for mode in MODES])
    # Of an imported text: its `id` in the file, or else its hash; and its words.
    reference = models.CharField(max_length=200, blank=True)
    text = models.TextField(null=True)
    # Of a person's text: whose, and where it stands.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="sampled_texts"
    )
    kind = models.CharField(max_length=20, blank=True)
    text_id = models.BigIntegerField(null=True)
    wanted = models.PositiveSmallIntegerField(default=0)
    """How many people are asked to label it on the page. 0: nobody."""

    class Meta:
        indexes = [
            models.Index(fields=["name", "since"], name="samples_of_a_set"),
            models.Index(fields=["id"], condition=Q(wanted__gt=0, until=None), name="samples_to_label"),
        ]
        constraints = [
            models.CheckConstraint(condition=IMPORTED | ELSEWHERE, name="sample_text_stands_somewhere"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="sample_ends_later"
            ),
            models.CheckConstraint(condition=Q(mode__in=MODES), name="sample_has_a_mode"),
            models.CheckConstraint(condition=Q(wanted__lte=2), name="sample_is_labelled_twice_at_most"),
            models.UniqueConstraint(
                fields=["name", "mode", "reference"],
                condition=Q(source=Source.IMPORT, until=None),
                name="one_sample_per_imported_text",
            ),
            models.UniqueConstraint(
                fields=["name", "kind", "text_id"],
                condition=~Q(source=Source.IMPORT) & Q(until=None),
                name="one_sample_per_text",
            ),
        ]

    def __str__(self) -> str:
        return f"sample {self.pk}"


class Finding(models.Model):
    """What one version of the detectors found in a sample. The newest counts."""

    sample = models.ForeignKey(SampleText, on_delete=models.PROTECT, related_name="findings")
    detectors = models.CharField(max_length=64)
    """A hash of the names and versions of all detectors."""
    language = models.CharField(max_length=20)
    signals = models.JSONField()
    unavailable = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "detectors"], name="one_finding_per_sample_and_detectors"
            )
        ]

    def __str__(self) -> str:
        return f"finding {self.pk}"


class Label(models.Model):
    """`since` is the version from which it counts. The second label of a text does not count: it only shows agreement.
    INVARIANT: never changes; enforced by triggers."""

    sample = models.ForeignKey(SampleText, on_delete=models.PROTECT, related_name="labels")
    since = models.PositiveIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="given_labels"
    )
    """Null: it was imported."""
    categories = models.JSONField()
    """Sorted; empty: harmless."""
    counts = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "by"], name="nobody_labels_a_text_twice"),
            models.UniqueConstraint(fields=["sample", "counts"], name="one_label_counts_and_one_does_not"),
        ]

    def __str__(self) -> str:
        return f"label {self.pk}"


class DayOfScores(models.Model):
    """How the scores of the texts that were judged on one day are spread; see `drift`. There is nothing of a person in it."""

    day = models.DateField(unique=True)
    """In UTC."""
    texts = models.PositiveIntegerField()
    """Those that were counted; of a busy day, a sample."""
    counts = models.JSONField()
    """The texts of each category that was found, by bin."""

    def __str__(self) -> str:
        return f"scores of {self.day}"
