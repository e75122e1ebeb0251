"""Seals evidence into a hash chain, later and in batches, so that deletions do not wait for it."""

import hashlib
import json
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from marketplace.disputes.models import EvidenceSeal, PurgeEvidence

BATCH = 500
START = "0" * 64
FIELDS = (
    *("media_id", "dispute_id", "sha256", "size", "rule", "policy", "digest"),
    *("closed_at", "retain_until", "purged_at", "run", "absent"),
)


def seal_evidence(*, now: datetime) -> int:
    """Returns the number of sealed records. If two processes seal at once, one leaves the rest to the other."""
    sealed = 0
    while count := _seal_batch(now):
        sealed += count
    return sealed


def _seal_batch(now: datetime) -> int:
    try:
        with transaction.atomic(durable=True):
            last = EvidenceSeal.objects.order_by("-position").first()
            position, chain = (last.position, last.chain) if last else (0, START)
            seals = []
            for evidence in PurgeEvidence.objects.filter(seal=None).order_by("pk")[:BATCH]:
                position, chain = position + 1, link(chain, evidence)
                seals.append(EvidenceSeal(position=position, evidence=evidence, chain=chain, sealed_at=now))
            EvidenceSeal.objects.bulk_create(seals)
            return len(seals)
    except IntegrityError:
        return 0


def link(previous: str, evidence: PurgeEvidence) -> str:
    """The hash of the previous link and of everything in the record."""
    said = {name: _plain(getattr(evidence, name)) for name in FIELDS}
    text = json.dumps({"previous": previous, **said}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, bool | int | str) else str(value)
