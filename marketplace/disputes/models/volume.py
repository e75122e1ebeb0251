"""The volume that evidence is kept on, so that another one, or none, is noticed."""

from django.db import models


class EvidenceVolume(models.Model):
    """The latest row is the volume in use. INVARIANT: append-only; triggers say so too."""

    identity = models.UUIDField()
    installed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"evidence volume {self.identity}"

    @classmethod
    def current(cls) -> "EvidenceVolume | None":
        return cls.objects.order_by("-pk").first()
