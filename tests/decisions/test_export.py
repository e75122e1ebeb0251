"""Recorded decisions as Parquet: exact types, and no private column."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pyarrow import parquet

from decisions import Subject, bundles, decide_on_record, export
from decisions.models import DecisionRecord
from tests.decisions.entry import ENTRY
from tests.decisions.test_replay import FACTS_OF_ALL_TYPES

NOW = datetime(2026, 11, 1, 12, 0, 0, 1, tzinfo=UTC)
FACTS = {
    "score": 0.1,
    "cost": "9.90",
    "at": NOW,
    "lasted": timedelta(seconds=1),
    "tags": ["é"],
    "seller": {"id": "s", "level": 2**53},
}

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db]


def record(policy, facts, *, now=NOW):
    with transaction.atomic():
        decide_on_record(policy, facts, now=now, subject=Subject("lamp", 7, 3))


def written(tmp_path, policy):
    out = tmp_path / "out.parquet"
    call_command("policy", "export", "--since", "2026-01-01T00:00:00Z", "--policy", policy, "--out", str(out))
    return parquet.read_table(out)


def test_values_keep_their_types(policies, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "CHUNK", 2)
    (policies / "types.yaml").write_text(FACTS_OF_ALL_TYPES)
    bundles.reload()
    for _ in range(3):
        record("types", FACTS)
    table = written(tmp_path, "types")
    assert capsys.readouterr().out.startswith("3 decisions of `types`")
    row = table.to_pylist()[-1]
    assert (row["decided_at"], row["fact_at"], row["output_at_again"]) == (NOW, NOW, NOW)
    assert (row["fact_cost"], row["output_cost_again"]) == (Decimal("9.90"), Decimal("9.90"))
    assert (row["fact_lasted"], row["fact_score"]) == (1_000_000, 0.1)
    assert (row["fact_tags"], row["fact_seller"]) == ('["\\u00e9"]', '{"id": "s", "level": 9007199254740992}')
    assert (row["matched"], row["subject_id"]) == (["cheap"], 7)
    kinds = {name: str(table.schema.field(name).type) for name in ("fact_at", "fact_cost", "version")}
    assert kinds == {"fact_at": "timestamp[us, tz=UTC]", "fact_cost": "decimal128(18, 2)", "version": "int64"}


def test_private_facts_and_outputs_have_no_column(policies, tmp_path):
    (policies / "entry.yaml").write_text(ENTRY + "outputs:\n  shout: {type: string, value: name}\n")
    bundles.reload()
    record("entry", {"member": True, "name": "zqcanary"})
    names = written(tmp_path, "entry").column_names
    assert [name for name in names if name.startswith(("fact_", "output_"))] == ["fact_member"]
    assert b"zqcanary" not in (tmp_path / "out.parquet").read_bytes()


def test_fact_that_another_version_marks_private_is_left_out_of_all(policies, tmp_path):
    (policies / "entry.yaml").write_text(ENTRY.replace(", private: true", ""))
    bundles.reload()
    record("entry", {"member": True, "name": "zqcanary"})
    (policies / "entry.yaml").write_text(ENTRY)
    bundles.reload()
    record("entry", {"member": True, "name": "Eve"})
    assert "fact_name" not in written(tmp_path, "entry").column_names


def test_invalid_fact_is_null(tmp_path):
    record("entry", {"member": "yes", "name": "Eve"})
    assert written(tmp_path, "entry").to_pylist()[0]["fact_member"] is None


def test_records_without_a_text_are_refused_and_nothing_is_written(tmp_path):
    DecisionRecord.objects.create(
        policy="entry", version=1, digest="sha256:0", outcome="allow", rule="members", subject_kind="lamp",
        facts={"name": "who knows"}, duration_us=1, decided_at=NOW,
    )  # fmt: skip
    with pytest.raises(
        CommandError, match="whether the facts of version 1 of `entry` are private is unknown"
    ):
        written(tmp_path, "entry")
    assert list(tmp_path.glob("out*")) == []
