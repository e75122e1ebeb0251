"""Scores of recorded decisions, counted once a day, and the alarm."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import CollectorRegistry

from api.metrics import COLLECTORS
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.chats.services import send_message
from marketplace.outbox.due import duties
from marketplace.tuning import weeks
from marketplace.tuning.models import DayOfScores
from marketplace.tuning.weeks import AT_ONCE, WEEK, WEEKS, DriftCollector, count_scores, read_standing
from tests.marketplace.factories import NOW, make_order, make_product, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = NOW + 3 * DAY
USUAL, TURNED = [30, 20, 20, 20, 10], [10, 20, 20, 20, 30]


def record(at: datetime, *signals: dict[str, Any], **fields: Any) -> DecisionRecord:
    about = {"policy": "moderation_profiles", "version": 1, "digest": "sha256:0", "outcome": "allow"}
    where = {"rule": "nothing-found", "subject_kind": "chat", "duration_us": 1, "decided_at": at}
    facts = {"mode": "normal", "signals": list(signals)}
    return DecisionRecord.objects.create(facts=facts, **about | where | fields)


def threat(score: float, category: str = "threat") -> dict[str, Any]:
    return {"category": category, "score": score, "detector": "lexicon", "reported": False, "quoted": False}


def fill(latest: list[int], before: list[int]) -> None:
    """The bins of threats of each day, without the texts that have no score."""
    rows = []
    for ago in range(1, WEEK * WEEKS + 1):
        found = latest if ago <= WEEK else before
        counts = {"threat": [1_000 - sum(found), *found]}
        rows.append(DayOfScores(day=(TODAY - ago * DAY).date(), texts=1_000, counts=counts))
    DayOfScores.objects.bulk_create(rows)


def count_all() -> int:
    days = 0
    while counted := count_scores(now=TODAY):
        days += counted
    return days


def counted_on(ago: int) -> tuple[int, dict[str, list[int]]]:
    row = DayOfScores.objects.get(day=(TODAY - ago * DAY).date())
    return row.texts, row.counts


def gauges() -> dict[tuple[str, str], float]:
    registry = CollectorRegistry()
    registry.register(DriftCollector())
    with patch.object(weeks.timezone, "now", return_value=TODAY):
        metrics = list(registry.collect())
    return {
        (sample.name.removeprefix("comity_moderation_"), sample.labels["category"]): sample.value
        for metric in metrics
        for sample in metric.samples
    }


def test_days_are_counted_once_and_the_newest_first():
    assert count_scores(now=TODAY) == AT_ONCE
    assert set(DayOfScores.objects.values_list("day", flat=True)) == {
        (TODAY - ago * DAY).date() for ago in range(1, AT_ONCE + 1)
    }
    assert count_all() == WEEK * WEEKS - AT_ONCE
    assert count_scores(now=TODAY) == 0
    assert count_scores(now=TODAY + DAY) == 1


def test_a_text_counts_on_its_day_with_its_highest_score():
    midnight = NOW.replace(hour=0)
    record(midnight - timedelta(microseconds=1), threat(0.9))
    record(midnight, threat(0.4), threat(0.6), threat(0.3, "spam"))
    record(NOW)
    record(NOW, threat(0.9), policy="chat")
    record(NOW, threat(0.9), rule="on-error")
    record(midnight + DAY - timedelta(microseconds=1), threat(0.1))
    record(midnight + DAY, threat(0.9))
    count_all()
    assert counted_on(4) == (1, {"threat": [0, 0, 0, 0, 0, 1]})
    assert counted_on(3) == (3, {"threat": [1, 1, 0, 1, 0, 0], "spam": [2, 0, 1, 0, 0, 0]})
    assert counted_on(2) == (1, {"threat": [0, 0, 0, 0, 0, 1]})
    assert counted_on(1) == (0, {})


def test_messages_count_as_they_are_decided():
    bea = make_user("bea", Role.BUYER)
    chat = make_order(bea, make_product(make_user("sam", Role.SELLER))).chat_id
    for text in ("Is it oak?", "threat:0.45 and insult:0.6"):
        send_message(author=bea, chat_id=chat, text=text, now=NOW)
    count_all()
    assert counted_on(3) == (2, {"threat": [1, 0, 1, 0, 0, 0], "insult": [1, 0, 0, 1, 0, 0]})


def test_busy_day_is_counted_from_a_sample(monkeypatch):
    monkeypatch.setattr(weeks, "MOST", 30)
    records = [record(NOW, threat(0.9)) for _ in range(100)]
    count_all()
    counted = sum(each.pk % 4 == 0 for each in records)
    assert counted_on(3) == (counted, {"threat": [0, 0, 0, 0, 0, counted]})


def test_finding_a_day_takes_few_queries_in_a_long_log():
    """And its records are read by their ids."""
    for ago in range(40):
        for _ in range(10):
            record(TODAY - (40 - ago) * DAY)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        count_scores(now=TODAY)
    # For each of seven days the newest id, twice as many steps as its logarithm, a count and the rows; and what is counted.
    assert len(captured) <= 2 + 7 * (3 + 2 * 10)
    assert counted_on(1)[0] == counted_on(7)[0] == 10


def test_no_drift_raises_no_alarm():
    fill(USUAL, USUAL)
    assert read_standing(now=TODAY).alarms == []
    assert gauges()["drift", "threat"] == pytest.approx(0.0)
    assert gauges()["drift_alarm", "threat"] == 0
    assert ("drift", "spam") not in gauges()


def test_planted_drift_raises_the_alarm_of_its_category(settings):
    fill(TURNED, USUAL)
    standing = read_standing(now=TODAY)
    assert [drift.category for drift in standing.alarms] == ["threat"]
    assert gauges()["drift", "threat"] > standing.limit == 0.2
    assert {category for (name, category), on in gauges().items() if name == "drift_alarm" and on} == {
        "threat"
    }
    settings.MODERATION_DRIFT = 5.0
    assert read_standing(now=TODAY).alarms == []


def test_weeks_add_up_their_days():
    fill(TURNED, USUAL)
    standing = read_standing(now=TODAY)
    assert [week.first for week in standing.weeks] == [
        (TODAY - WEEK * ago * DAY).date() for ago in range(WEEKS, 0, -1)
    ]
    assert {week.texts for week in standing.weeks} == {7_000}
    assert standing.weeks[-1].counts["threat"] == [6_300, 70, 140, 140, 140, 210]
    assert standing.weeks[0].counts["threat"] == [6_300, 210, 140, 140, 140, 70]
    assert standing.weeks[0].counts["spam"] == [7_000, 0, 0, 0, 0, 0]


def test_new_installation_has_no_alarm_and_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        standing = read_standing(now=TODAY)
    assert (standing.alarms, {week.texts for week in standing.weeks}) == ([], {0})


def test_counting_is_periodic_work_and_the_gauges_are_scraped():
    assert "count_scores" in dict(duties())
    assert any(isinstance(collector, DriftCollector) for collector in COLLECTORS)
