"""Disputes, their messages, events and legal holds."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.disputes.states import DisputeStatus

# No policy can allow more files than this in one dispute, including failed uploads.
MEDIA_CEILING = 10_000


class Dispute(models.Model):
    """INVARIANT: once `purge_started_at` is set, the dispute is never reopened and takes no hold; enforced by triggers.

    Reopening, holding and starting the purge are conditional UPDATEs of this row, so exactly one of them wins. `standing_holds`
    is a counter because a subselect would not see a hold that commits while the UPDATE waits.
    """

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="disputes")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="disputes")
    status = models.CharField(max_length=10, choices=DisputeStatus, default=DisputeStatus.OPEN)
    opened_at = models.DateTimeField()
    last_seq = models.PositiveIntegerField(default=0)
    media_count = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    # Set by the retention policy at closure: when the media may be deleted, and the decision behind it.
    retain_until = models.DateTimeField(null=True, db_index=True)
    retain_policy = models.CharField(max_length=120, blank=True)
    retain_digest = models.CharField(max_length=71, blank=True)
    standing_holds = models.PositiveIntegerField(default=0)
    hold_released_at = models.DateTimeField(null=True)
    purge_started_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["status", "-id"], name="disputes_by_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(status=DisputeStatus.CLOSED),
                name="one_open_dispute_per_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[DisputeStatus.OPEN, DisputeStatus.REOPENED],
                    closed_at=None,
                    retain_until=None,
                    retain_policy="",
                    retain_digest="",
                    purge_started_at=None,
                )
                | Q(status=DisputeStatus.CLOSED, closed_at__isnull=False, retain_until__isnull=False),
                name="closed_dispute_is_stamped",
            ),
            models.CheckConstraint(
                condition=Q(purge_started_at=None)
                | Q(purge_started_at__gte=F("retain_until"), standing_holds=0),
                name="purge_is_neither_early_nor_held",
            ),
            models.CheckConstraint(
                condition=Q(media_count__lte=MEDIA_CEILING), name="dispute_media_is_bounded"
            ),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk}"


class DisputeMessage(models.Model):
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="messages")
    seq = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dispute_messages"
    )
    text = models.TextField()
    sent_at = models.DateTimeField()
    queue_item = models.OneToOneField(
        "moderation.QueueItem", null=True, on_delete=models.PROTECT, related_name="dispute_message"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispute", "seq"], name="one_message_per_place_in_dispute")
        ]

    def __str__(self) -> str:
        return f"message {self.seq} of dispute {self.dispute_id}"


class DisputeEvent(models.Model):
    """Who opened, closed or reopened the dispute, when and why. INVARIANT: only the reason can change, to be blanked."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dispute_events"
    )
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.act} of dispute {self.dispute_id}"


class Hold(models.Model):
    """A legal hold keeps a dispute's media until it is released. A dispute may have several."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="holds")
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="holds_placed"
    )
    reason = models.TextField()
    placed_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="holds_released", null=True
    )
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by=None, released_at=None)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="released_hold_says_by_whom",
            )
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} of dispute {self.dispute_id}"
