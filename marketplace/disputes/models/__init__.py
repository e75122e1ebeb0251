"""The tables of disputes."""

from marketplace.disputes.models.dispute import Dispute, DisputeEvent, DisputeMessage, Hold
from marketplace.disputes.models.media import Media
from marketplace.disputes.models.retention import EvidenceSeal, PurgeEvidence, SweepRun
from marketplace.disputes.models.volume import EvidenceVolume

__all__ = [
    "Dispute",
    "DisputeEvent",
    "DisputeMessage",
    "EvidenceSeal",
    "EvidenceVolume",
    "Hold",
    "Media",
    "PurgeEvidence",
    "SweepRun",
]
