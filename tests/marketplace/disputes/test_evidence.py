"""The evidence chain detects every change, gap and swap, and evidence matches what is purged."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from decisions import triggers
from marketplace.disputes.models import EvidenceSeal, Media, PurgeEvidence
from marketplace.disputes.retention import sealing
from marketplace.disputes.retention.sealing import seal_evidence
from marketplace.disputes.retention.verifying import verify_evidence
from tests.marketplace.disputes.factories import DAYS_90, add_media, close
from tests.marketplace.disputes.sweeps import sweep_at
from tests.marketplace.factories import LATER, NOW
from tests.sampling import sample, sample_rows

pytestmark = pytest.mark.django_db
FILES = 5


@pytest.fixture
def purged(dispute, bea, ada) -> list[PurgeEvidence]:
    for _ in range(FILES):
        add_media(dispute, bea)
    close(dispute, ada)
    sweep_at(NOW + DAYS_90)
    return list(PurgeEvidence.objects.order_by("pk"))


@pytest.fixture
def tamper(purged):
    """What only a database administrator can do: triggers are off."""
    triggers.lift()

    def execute(sql: str, *parameters: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)

    return execute


def problems() -> list[str]:
    return list(verify_evidence().problems)


def test_untouched_evidence_is_whole(purged):
    verified = verify_evidence()
    assert (verified.sealed, verified.unsealed, verified.problems) == (FILES, 0, ())
    assert verified.head == EvidenceSeal.objects.get(position=FILES).chain


@pytest.mark.parametrize(
    ("column", "value"),
    sample_rows(
        [
            ("sha256", "f" * 64),
            ("size", 1),
            ("rule", "legal-hold"),
            ("policy", "retention@2"),
            ("digest", "sha256:0"),
            ("dispute_id", 99),
            ("purged_at", "2026-01-01 00:00:00+00:00"),
            ("retain_until", None),
            ("run", "0" * 32),
        ],
        every=3,
    ),
)
def test_changed_record_is_noticed(tamper, purged, column, value):
    tamper(f"UPDATE disputes_purgeevidence SET {column} = %s WHERE id = %s", value, purged[2].pk)
    assert problems() == [f"seal 3 does not match the evidence of media {purged[2].media_id}"]


@pytest.mark.parametrize("index", sample(range(FILES - 1), every=3))
def test_dropped_record_is_noticed(tamper, purged, index):
    tamper("DELETE FROM disputes_evidenceseal WHERE evidence_id = %s", purged[index].pk)
    tamper("DELETE FROM disputes_purgeevidence WHERE id = %s", purged[index].pk)
    assert problems() == [
        f"seal {index + 1} is missing",
        f"media {purged[index].media_id} is purged, but has no evidence",
    ]


def test_dropped_end_is_noticed_by_its_media_and_by_a_head_kept_elsewhere(tamper, purged):
    head = verify_evidence().head
    tamper("DELETE FROM disputes_evidenceseal WHERE evidence_id = %s", purged[-1].pk)
    tamper("DELETE FROM disputes_purgeevidence WHERE id = %s", purged[-1].pk)
    assert problems() == [f"media {purged[-1].media_id} is purged, but has no evidence"]
    assert verify_evidence(known_head=head).problems[0] == "the known head is not in the chain"


def test_swapped_records_are_noticed(tamper, purged):
    for position, evidence in ((99, purged[0]), (1, purged[1]), (2, purged[0])):
        tamper("UPDATE disputes_evidenceseal SET position = %s WHERE evidence_id = %s", position, evidence.pk)
    assert [problem[:25] for problem in problems()] == [f"seal {n} does not match the" for n in (1, 2, 3)]


def test_evidence_of_what_is_still_there_is_noticed(tamper, purged):
    tamper("UPDATE disputes_media SET state = 'doomed' WHERE id = %s", purged[0].media_id)
    assert problems() == [f"evidence exists for media {purged[0].media_id}, which is not purged"]


def test_purged_file_that_is_in_the_storage_is_noticed(evidence, dispute, media, ada):
    """For example after restoring a storage backup next to a newer database."""
    content = (evidence / media.key).read_bytes()
    close(dispute, ada)
    sweep_at(NOW + DAYS_90)
    call_command("retention", "verify")
    (evidence / media.key).write_bytes(content)
    with pytest.raises(CommandError, match=f"media {media.pk} is purged, but its file is in the storage: "):
        call_command("retention", "verify")


def test_verifying_without_the_volume_says_what_it_could_not_see(evidence, purged):
    evidence.rename(evidence.with_name("unmounted"))
    with pytest.raises(
        CommandError, match="whether purged files are gone is unknown: the evidence volume is missing"
    ):
        call_command("retention", "verify")
    assert problems() == []


def test_chain_goes_on_over_batches(dispute, bea, ada, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(FILES):
        add_media(dispute, bea)
    close(dispute, ada)
    sweep_at(NOW + DAYS_90)
    assert (verify_evidence().sealed, problems()) == (FILES, [])
    assert seal_evidence(now=LATER) == 0


def test_evidence_names_nobody_and_quotes_nothing(purged):
    said = str(list(PurgeEvidence.objects.values()))
    assert "receipt" not in said
    assert {field.name for field in PurgeEvidence._meta.get_fields()} - {"id", "seal"} == set(sealing.FIELDS)
    assert set(Media.objects.values_list("label", flat=True)) == {""}
