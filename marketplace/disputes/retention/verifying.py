"""Verifies the deletion evidence: an unbroken chain, one record per purged file, and no purged file in the storage."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from marketplace.disputes.models import EvidenceSeal, Media, PurgeEvidence
from marketplace.disputes.retention.sealing import START, link
from marketplace.disputes.states import MediaState
from marketplace.disputes.storage.store import open_store


@dataclass(frozen=True, slots=True)
class Verified:
    """`head` is the last link. Comparing it with a copy kept elsewhere shows whether later records are missing."""

    sealed: int
    unsealed: int
    head: str
    problems: tuple[str, ...]


def verify_evidence(*, known_head: str | None = None) -> Verified:
    seen = known_head is None
    position, chain, problems = 0, START, []
    for seal in EvidenceSeal.objects.select_related("evidence").order_by("position").iterator(500):
        position += 1
        expected = link(chain, seal.evidence)
        if seal.position != position:
            problems.append(f"seal {position} is missing")
            position = seal.position
        elif seal.chain != expected:
            problems.append(f"seal {position} does not match the evidence of media {seal.evidence.media_id}")
        chain = seal.chain
        seen = seen or chain == known_head
    if not seen:
        problems.append("the known head is not in the chain")
    unsealed = PurgeEvidence.objects.filter(seal=None).count()
    return Verified(position, unsealed, chain, (*problems, *_unmatched()))


def find_undeleted() -> list[str]:
    """Files in the storage although they are purged, for example after restoring a backup. Raises StorageUnavailable."""
    purged = dict(Media.objects.filter(state=MediaState.PURGED).values_list("key", "pk"))
    undeleted = sorted(purged[stored.key] for stored in open_store().objects() if stored.key in purged)
    return [
        f"media {pk} is purged, but its file is in the storage: `retention orphans --apply` deletes it after a day"
        for pk in undeleted
    ]


def _unmatched() -> Iterator[str]:
    evidence = PurgeEvidence.objects.filter(media_id=OuterRef("pk"))
    for media in Media.objects.filter(~Exists(evidence), state=MediaState.PURGED):
        yield f"media {media.pk} is purged, but has no evidence"
    purged = Media.objects.filter(pk=OuterRef("media_id"), state=MediaState.PURGED)
    for record in PurgeEvidence.objects.filter(~Exists(purged)):
        yield f"evidence exists for media {record.media_id}, which is not purged"
