"""The identity of the evidence volume, to detect a wrong or missing one."""

from django.db import models


class EvidenceVolume(models.Model):
    """The latest row is the volume in use. INVARIANT: append-only; enforced by triggers."""

    identity = models.UUIDField()
    installed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"evidence volume {self.identity}"

    @classmethod
    def current(cls) -> "EvidenceVolume | None":
        return cls.objects.order_by("-pk").first()
