"""A backtest names exactly the recorded decisions that a candidate would change, and what stays possible beside them."""

import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from decisions import Subject, backtest, bundles, decide_on_record
from decisions.models import DecisionRecord
from decisions.sealing import drop_pseudonym_key
from engine.batch import extra
from tests.conftest import SIZE

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LAMPS = """\
policy: lamps
version: 1
effective_from: 2026-01-01T00:00:00Z
summary: Who may turn on a lamp.
facts:
  level: {type: int, min: 0, max: 1000000}
  name: {type: string, private: true}
conditions:
  high: level >= 500
outcomes: [allow, deny]
on_error: deny
rules:
  - {id: too-high, when: high, then: deny, message: Too high.}
  - {id: eve, when: 'name == "Eve"', then: allow, message: Eve may.}
otherwise: {id: fine, then: allow, message: Fine., permit_because: lamps are harmless}
outputs:
  bright: {type: bool, value: level > 100}
"""

pytestmark = [pytest.mark.usefixtures("policies"), pytest.mark.django_db]


@pytest.fixture
def lamps(policies: Path) -> Iterator[Path]:
    (policies / "lamps.yaml").write_text(LAMPS)
    bundles.reload()
    assert bundles.status().problems == ()
    yield policies


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    folder = tmp_path / "candidate"
    folder.mkdir()
    return folder


def write(folder: Path, text: str) -> str:
    (folder / "lamps.yaml").write_text(text)
    return str(folder)


def record(level: int, *, name: str = "Bob", actor_id: int = 3, now: datetime = NOW) -> DecisionRecord:
    with transaction.atomic():
        facts = {"level": level, "name": name}
        _, row = decide_on_record("lamps", facts, now=now, subject=Subject("lamp", level, actor_id))
    return row


def run(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    call_command("policy", "backtest", *args, "--format", "json")
    return json.loads(capsys.readouterr().out)


def copies(row: DecisionRecord, levels: Iterable[int]) -> None:
    """Records like the row, each about a lamp of its own."""
    same = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    DecisionRecord.objects.bulk_create(
        (
            DecisionRecord(**{**same, "facts": {"level": level}, "subject_id": n, "actor_id": n % 7})
            for n, level in enumerate(levels)
        ),
        batch_size=1_000,
    )


PLAIN = LAMPS.replace("  name: {type: string, private: true}\n", "").replace(
    "  - {id: eve, when: 'name == \"Eve\"', then: allow, message: Eve may.}\n", ""
)
COUNT, PLANTED = (1_000_000, 1_000) if SIZE == "full" else (2_500, 10)


@pytest.fixture(params=["query", "engine"])
def decided_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether the extra `batch` is there."""
    monkeypatch.setattr(extra, "is_installed", lambda: request.param == "query")
    by: str = request.param
    return by


def test_exactly_the_planted_changes_are_named(
    lamps: Path, candidate: Path, capsys, monkeypatch: pytest.MonkeyPatch, decided_by: str
) -> None:
    by_engine: list[int] = []
    count = backtest.Backtest._count

    def counting(self: Any, row: DecisionRecord, *rest: Any) -> None:
        by_engine.append(row.pk)
        count(self, row, *rest)

    monkeypatch.setattr(backtest.Backtest, "_count", counting)
    write(lamps, PLAIN)
    bundles.reload()
    with transaction.atomic():
        _, row = decide_on_record("lamps", {"level": 50}, now=NOW, subject=Subject("lamp", 5, 3))
    planted = sorted(random.Random(26).sample(range(COUNT), PLANTED))
    levels = [50] * COUNT
    for n in planted:
        levels[n] = 60
    copies(row, levels)
    said = run(capsys, write(candidate, PLAIN.replace("level >= 500", "level >= 60")), "--only-records")
    assert said["subjects"] == [["lamp", n] for n in planted]
    assert said["records"] == [row.pk + 1 + n for n in planted]
    assert said["people"] == len({n % 7 for n in planted})
    assert (said["changed"], said["compared"]) == (PLANTED, COUNT + 1)
    assert [(k["policy"], k["change"], k["count"], k["rules"]) for k in said["kinds"]] == [
        ("lamps", "allow -> deny", PLANTED, {"fine -> too-high": PLANTED})
    ]
    assert len(said["samples"]) == backtest.SAMPLES
    assert len(by_engine) == (PLANTED if decided_by == "query" else COUNT + 1)


def test_private_facts_are_used_and_never_shown(lamps: Path, candidate: Path, capsys) -> None:
    rows = [record(1, name="Eve"), record(2, name="Mallory", actor_id=4)]
    said = run(capsys, write(candidate, LAMPS.replace('"Eve"\', then: allow', '"Mallory"\', then: deny')))
    assert said["records"] == [rows[1].pk]
    assert "Mallory" not in json.dumps(said["samples"][0]["old"]["rules"][0])
    assert "Mallory" not in json.dumps([s["new"]["conditions"] for s in said["samples"]])


def test_records_of_erased_people_are_counted_and_not_guessed(lamps: Path, candidate: Path, capsys) -> None:
    record(450, actor_id=4), record(450, actor_id=5), record(5, actor_id=5)
    drop_pseudonym_key(user_id=5)
    said = run(capsys, write(candidate, LAMPS.replace("level >= 500", "level >= 400")))
    assert (said["compared"], said["changed"], said["not_comparable"]) == (1, 1, {"erased": 2})


def test_fact_that_was_not_recorded_is_not_guessed(lamps: Path, candidate: Path, capsys) -> None:
    record(450)
    more = LAMPS.replace("  name:", "  age: int\n  name:").replace(
        'name == "Eve"', 'age > 3 && name == "Eve"'
    )
    said = run(capsys, write(candidate, more))
    reason = "the recorded facts do not fit the candidate: missing-fact:age"
    assert (said["compared"], said["not_comparable"]) == (0, {reason: 1})


def test_records_of_a_text_that_the_candidate_keeps_need_no_decision(
    lamps: Path, candidate: Path, capsys
) -> None:
    record(450)
    drop_pseudonym_key(user_id=3)
    said = run(capsys, write(candidate, LAMPS))
    assert (said["compared"], said["unchanged_text"], said["not_comparable"]) == (1, 1, {})


def test_newest_version_decides_also_if_it_is_scheduled(lamps: Path, candidate: Path, capsys) -> None:
    row = record(450)
    later = (
        LAMPS.replace("version: 1", "version: 2")
        .replace("2026-01-01", "2099-01-01")
        .replace(">= 500", ">= 400")
    )
    assert run(capsys, write(candidate, LAMPS + "---\n" + later))["records"] == [row.pk]


def test_outputs_that_change_are_named_without_their_values(lamps: Path, candidate: Path, capsys) -> None:
    record(150), record(50)
    said = run(capsys, write(candidate, LAMPS.replace("level > 100", "level > 200")))
    assert [(k["change"], k["count"]) for k in said["kinds"]] == [("outputs bright", 1)]


def test_since_leaves_out_what_is_older(lamps: Path, candidate: Path, capsys) -> None:
    record(450, now=NOW - timedelta(days=9))
    row = record(450)
    folder = write(candidate, LAMPS.replace("level >= 500", "level >= 400"))
    assert run(capsys, folder, "--since", "2026-11-01T00:00:00Z")["records"] == [row.pk]


def test_difference_says_what_no_record_shows(lamps: Path, candidate: Path, capsys) -> None:
    record(450)
    changed = LAMPS.replace("level >= 500", "level >= 400").replace("level > 100", "level > 200")
    said = run(capsys, write(candidate, changed))
    assert said["unseen"] == [
        "lamps: the outcome stays, and the output `bright` changes from `true` to `false`",
    ]
    assert said["difference"]["equal"] is False
    call_command("policy", "backtest", str(candidate), "--only-records")
    assert "what no recorded decision shows was not looked for" in capsys.readouterr().out


def test_text_names_what_changes_and_why(lamps: Path, candidate: Path, capsys) -> None:
    row = record(450)
    call_command("policy", "backtest", write(candidate, LAMPS.replace("level >= 500", "level >= 400")))
    assert capsys.readouterr().out.splitlines() == [
        "1 recorded decisions compared, 1 change (100%), of 1 people about 1 subjects",
        f"changed records: {row.pk}",
        "lamps: allow -> deny: 1",
        "   1 by the rules fine -> too-high",
        f"   record {row.pk}: allow by `fine`, then deny by `too-high`: `high` false -> true",
        "no other kind of change is possible",
    ]


def test_page_has_the_same_and_escapes_it(lamps: Path, candidate: Path, capsys) -> None:
    row = record(450)
    folder = write(candidate, LAMPS.replace("level >= 500", "level >= 400"))
    call_command("policy", "backtest", folder, "--format", "html")
    page = capsys.readouterr().out
    assert f"<li>changed records: {row.pk}</li>" in page
    assert "<td>lamps</td><td>allow -&gt; deny</td><td>1</td><td>fine -&gt; too-high: 1</td>" in page


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            ["--forbid", "allow->deny"],
            "1 decision of `lamps` would change from allow -> deny, which is forbidden",
        ),
        (["--forbid", "deny->allow"], None),
        (["--max-changed", "49%"], "50% of the decisions change, more than 49%"),
        (["--max-changed", "50%"], None),
    ],
)
def test_broken_limit_fails(
    lamps: Path, candidate: Path, capsys, limits: list[str], said: str | None
) -> None:
    record(450), record(5)
    folder = write(candidate, LAMPS.replace("level >= 500", "level >= 400"))
    if said is None:
        assert run(capsys, folder, *limits)["broken"] == []
        return
    with pytest.raises(CommandError, match=said) as failed:
        run(capsys, folder, *limits)
    assert failed.value.returncode == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--forbid", "deny"], "`deny` does not say what becomes what"),
        (["--max-changed", "half"], "`half` is not a share from 0% to 100%"),
        (["--max-changed", "101%"], "`101%` is not a share from 0% to 100%"),
    ],
)
def test_wrong_options_are_told(candidate: Path, options: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("policy", "backtest", str(candidate), *options)


def test_interrupted_backtest_goes_on_where_it_stopped(
    lamps: Path, candidate: Path, capsys, tmp_path, monkeypatch
) -> None:
    rows = [record(450) for _ in range(5)]
    folder = write(candidate, LAMPS.replace("level >= 500", "level >= 400"))
    state, whole = tmp_path / "state", run(capsys, folder)
    monkeypatch.setattr(backtest, "CHUNK", 2)
    monkeypatch.setattr(backtest, "QUICK_CHUNK", 2)
    decided: list[int] = []
    count = backtest.Backtest._count

    def counting(self: Any, row: DecisionRecord, *rest: Any) -> None:
        if len(decided) == 3 and not state.with_name("resumed").exists():
            raise KeyboardInterrupt
        decided.append(row.pk)
        count(self, row, *rest)

    monkeypatch.setattr(backtest.Backtest, "_count", counting)
    with pytest.raises(KeyboardInterrupt):
        run(capsys, folder, "--state", str(state))
    state.with_name("resumed").touch()
    late = record(450)
    assert run(capsys, folder, "--state", str(state)) == whole
    assert decided == [r.pk for r in (*rows[:3], *rows[2:])]
    assert late.pk not in decided
    assert not state.exists()


def test_state_of_another_backtest_is_refused(lamps: Path, candidate: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    for text in ("{}", "not json", '{"candidate": "sha256:0", "since": null, "upto": 0, "tally": {}}'):
        state.write_text(text)
        with pytest.raises(CommandError, match="is of another backtest: delete it, or name another file"):
            call_command("policy", "backtest", write(candidate, LAMPS), "--state", str(state))
        assert state.read_text() == text


def test_queries_do_not_grow_with_the_records(
    lamps: Path, candidate: Path, django_assert_num_queries
) -> None:
    from engine import load_bundle

    write(candidate, LAMPS.replace("level >= 500", "level >= 400"))
    bundle = load_bundle(candidate).bundle
    assert bundle is not None
    for more in (3, 30):
        for level in range(more):
            record(level)
        tested, tally = backtest.Backtest.of(bundle, None), backtest.Tally()
        tested.replayer.original(DecisionRecord.objects.latest("pk").digest)
        with django_assert_num_queries(5):  # texts, sealed facts, keys, records, and no more records
            list(tested.run(tally))
        assert tally.same + tally.changed == DecisionRecord.objects.count()
