"""Files of disputes. The bytes are in the storage `evidence` under a random key."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from marketplace.disputes.models.dispute import Dispute
from marketplace.disputes.states import MediaState


class Media(models.Model):
    """INVARIANT: live or quarantined media becomes doomed only by the purge of its dispute; enforced by a trigger."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="media")
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="media")
    place = models.PositiveIntegerField()
    key = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10)
    # The uploaded file name: never used as a path, shown escaped, blanked when the file is purged.
    label = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=MediaState, default=MediaState.UPLOADING)
    created_at = models.DateTimeField()
    scanned_at = models.DateTimeField(null=True)
    threat = models.CharField(max_length=200, blank=True)
    # Why it is doomed: a rule of the retention policy, or an upload error.
    doom_rule = models.CharField(max_length=200, blank=True)
    doom_policy = models.CharField(max_length=120, blank=True)
    doom_digest = models.CharField(max_length=71, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "place"], name="one_media_per_place_in_dispute"),
            models.CheckConstraint(condition=Q(state__in=MediaState.values), name="media_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=[MediaState.DOOMED, MediaState.PURGED]) ^ Q(doom_rule=""),
                name="doomed_media_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=MediaState.PURGED) | Q(label=""), name="purged_media_has_no_label"
            ),
            models.CheckConstraint(
                condition=~Q(state=MediaState.LIVE) | Q(threat=""), name="live_media_is_no_threat"
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=[MediaState.UPLOADING, MediaState.DOOMED]),
                name="media_unfinished",
            ),
            models.Index(
                fields=["dispute"],
                condition=Q(state__in=[MediaState.UPLOADING, MediaState.QUARANTINED, MediaState.LIVE]),
                name="media_kept",
            ),
            models.Index(fields=["state", "-id"], name="media_by_state"),
            models.Index(fields=["kind", "-id"], name="media_by_kind"),
        ]

    def __str__(self) -> str:
        return f"media {self.pk}"
