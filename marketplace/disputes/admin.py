"""Read-only admin of disputes and the state of their media."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from decisions.admin import ReadOnlyAdmin
from marketplace.disputes.media.kinds import KINDS
from marketplace.disputes.models import (
    Dispute,
    DisputeEvent,
    DisputeMessage,
    EvidenceSeal,
    EvidenceVolume,
    Hold,
    Media,
    PurgeEvidence,
    SweepRun,
)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ["id", "order", "status", "opened_by", "closed_at", "retain_until", "purge_started_at"]
    list_filter = ["status"]
    list_select_related = ["order", "opened_by"]


@admin.register(DisputeMessage)
class DisputeMessageAdmin(ReadOnlyAdmin):
    list_display = ["id", "dispute", "seq", "author", "sent_at"]
    list_select_related = ["dispute", "author"]


@admin.register(DisputeEvent)
class DisputeEventAdmin(ReadOnlyAdmin):
    list_display = ["id", "dispute", "act", "actor", "at"]
    list_select_related = ["dispute", "actor"]


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["id", "dispute", "placed_by", "placed_at", "released_by", "released_at"]
    list_select_related = ["dispute", "placed_by", "released_by"]


class KindFilter(admin.SimpleListFilter):
    """Kinds come from their list, since the table would have to be read as a whole for those in it."""

    title = parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.name, kind.name) for kind in KINDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    list_display = ["id", "dispute", "uploader", "kind", "size", "state", "label", "threat"]
    list_filter = ["state", KindFilter]
    list_select_related = ["dispute", "uploader"]


@admin.register(SweepRun)
class SweepRunAdmin(ReadOnlyAdmin):
    list_display = ["run", "at", "started_at", "rehearsal"]


@admin.register(PurgeEvidence)
class PurgeEvidenceAdmin(ReadOnlyAdmin):
    list_display = ["id", "media_id", "dispute_id", "rule", "policy", "purged_at", "run"]


@admin.register(EvidenceSeal)
class EvidenceSealAdmin(ReadOnlyAdmin):
    list_display = ["position", "evidence", "chain", "sealed_at"]
    list_select_related = ["evidence"]


@admin.register(EvidenceVolume)
class EvidenceVolumeAdmin(ReadOnlyAdmin):
    list_display = ["id", "identity", "installed_at"]
