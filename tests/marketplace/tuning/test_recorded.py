"""Decisions on record, decided again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from decisions import bundles, trial
from decisions.models import DecisionRecord
from engine.compiled import CompiledPolicy
from marketplace.moderation.services import POLICY
from marketplace.tuning import recorded
from marketplace.tuning.recorded import PERIOD, read_recorded
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    read_recorded.cache_clear()
    yield
    read_recorded.cache_clear()


def record(category: str, score: float, *, at: datetime = NOW, insults: list[str] | None = None) -> None:
    signal = {"category": category, "score": score, "detector": "lexicon", "reported": False, "quoted": False}
    DecisionRecord.objects.create(
        policy=POLICY,
        version=1,
        digest="sha256:0",
        outcome="allow",
        rule="x",
        subject_kind="chat",
        facts={
            "mode": "normal",
            "language": "english",
            "signals": [signal],
            "unavailable": [],
            "earlier_insults": insults or [],
        },
        duration_us=1,
        decided_at=at,
    )


def version(**values: float) -> CompiledPolicy:
    if not values:
        return bundles.current().version_at(POLICY, NOW)
    return trial.adjusted(POLICY, values, now=NOW).version_at(POLICY, NOW)


def sides(until: datetime = NOW, now: datetime = NOW) -> dict[Any, int]:
    counts = read_recorded(until=until).texts.under(version(), now=now).counts("normal")
    return {side: texts for side, texts in counts.sides.items() if texts}


def test_equal_facts_are_decided_once_and_counted_each() -> None:
    for score in (0.351, 0.359, 0.8):
        record("threat", score)
    found = read_recorded(until=NOW)
    assert (len(found.texts.facts), found.number, found.is_cut) == (2, 3, False)
    assert sides() == {"flagged": 2, "blocked": 1}


def test_only_the_period_counts() -> None:
    for at in (NOW - PERIOD, NOW - PERIOD + timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)):
        record("threat", 0.35, at=at)
    assert read_recorded(until=NOW).number == 2


def test_earlier_insults_count_at_their_own_time() -> None:
    at = NOW - timedelta(days=20)
    record("insult", 0.6, at=at, insults=[(at - timedelta(hours=1)).isoformat()])
    record("insult", 0.6, at=at, insults=[(at - timedelta(hours=n)).isoformat() for n in (1, 2, 3)])
    assert sides() == {"flagged": 1, "blocked": 1}


def test_of_a_busy_log_the_newest_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "NEWEST", 2)
    for score in (0.9, 0.5, 0.3):
        record("sexual", score)
    assert read_recorded(until=NOW).is_cut
    assert sides() == {"flagged": 1, "passed": 1}
