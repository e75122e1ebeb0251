"""A list holds exactly the rows for which the engine, asked about each row's facts, gives the outcome."""

import random
from collections import defaultdict
from collections.abc import Iterator

import pytest
from django.db.models import QuerySet

from decisions import bundles
from decisions.lists import Outcome, Output, Permission, PolicyList
from documents.source import Source
from engine import Bundle, PolicyNotInForce, load_sources
from engine.backends.django_q.asked import Asked
from tests.conftest import SIZE
from tests.decisions.lists.policies import CONDITIONS, policy, rule
from tests.decisions.lists.rows import FACTS, NOW, Sample, SampleItem, facts_of, make_rows, tables

pytestmark = pytest.mark.django_db
ROWS = 120 if SIZE == "small" else 20_000


def load(*texts: str) -> Bundle:
    loaded = load_sources([Source("sample.yaml", "---\n".join(texts))])
    assert loaded.bundle is not None, "\n".join(d.render() for d in loaded.diagnostics)
    return loaded.bundle


@pytest.fixture
def rows(db: None) -> Iterator[list[tuple[int, dict[str, object]]]]:
    with tables():
        make_rows(ROWS, random.Random(26))
        items = defaultdict(list)
        for item in SampleItem.objects.order_by("pk"):
            items[item.sample_id].append(item)
        yield [(s.pk, facts_of(s, items[s.pk])) for s in Sample.objects.order_by("pk")]


def found(bundle: Bundle, asked: Asked) -> set[int]:
    listed = PolicyList("sample", asked, Sample, FACTS)
    assert listed.problems(bundle) == ()
    with bundles.pinned(bundle):
        rows: QuerySet[Sample] = listed.rows(Sample.objects.all(), now=NOW)
        return set(rows.values_list("pk", flat=True))


def check_outcomes(bundle: Bundle, rows: list[tuple[int, dict[str, object]]]) -> dict[str, int]:
    """The number of rows of each outcome."""
    expected: dict[str, set[int]] = defaultdict(set)
    for pk, facts in rows:
        try:
            decision = bundle.decide("sample", facts, now=NOW)
        except PolicyNotInForce:
            expected["nothing"].add(pk)
            continue
        expected[decision.outcome].add(pk)
        if decision.permits:
            expected["permits"].add(pk)
        if decision.outputs.get("fresh") is True:
            expected["fresh"].add(pk)
    for outcome in ("allow", "ask", "deny"):
        assert found(bundle, Outcome(outcome)) == expected[outcome], outcome
    assert found(bundle, Permission()) == expected["permits"]
    assert found(bundle, Output("fresh")) == expected["fresh"]
    return {outcome: len(ids) for outcome, ids in expected.items()}


def test_every_condition(rows: list[tuple[int, dict[str, object]]]) -> None:
    for name, condition in CONDITIONS.items():
        bundle = load(policy(rule("it", condition), fresh=condition.replace("'", "''")))
        counts = check_outcomes(bundle, rows)
        assert counts["allow"] and counts["deny"], name


def test_first_rule_that_applies_decides(rows: list[tuple[int, dict[str, object]]]) -> None:
    thens = ["deny", "ask", "allow"]
    rules = "".join(
        rule(name, when, thens[i % 3]) for i, (name, when) in enumerate(list(CONDITIONS.items())[1:8])
    )
    for on_error in ("deny", "ask"):
        counts = check_outcomes(load(policy(rules, on_error=on_error, otherwise="ask")), rows)
        assert min(counts["allow"], counts["ask"], counts["deny"]) > 0


def test_worst_rule_that_applies_decides(rows: list[tuple[int, dict[str, object]]]) -> None:
    rules = (
        rule("small", "count < 9", "allow")
        + rule("gold", 'kind == "gold"', "deny")
        + rule("open", "open", "ask")
    )
    counts = check_outcomes(load(policy(rules, hit="worst")), rows)
    assert min(counts["allow"], counts["ask"], counts["deny"]) > 0


def test_rule_for_each_row_of_a_table(rows: list[tuple[int, dict[str, object]]]) -> None:
    each = "for_each: {row: fees}, "
    rules = rule("fee", "row.kind == kind && amount != null && amount >= row.fee", "deny", each)
    counts = check_outcomes(load(policy(rules)), rows)
    assert counts["allow"] and counts["deny"]


def test_versions_chosen_by_a_fact(rows: list[tuple[int, dict[str, object]]]) -> None:
    by = "in_force_by: began_at"
    ends = f"{by}\neffective_until: 2026-08-03T12:00:00Z\ngap_because: a test"
    first = policy(rule("a", "open"), more=ends, since="2000-01-01T00:00:00Z")
    second = policy(rule("b", "!open"), version=2, since="2026-08-03T12:00:00.000001Z", more=by)
    third = policy(rule("c", "open"), version=3, since="2026-11-01T12:00:00.000001Z", more=by, on_error="ask")
    counts = check_outcomes(load(first, second, third), rows)
    assert counts["allow"] and counts["deny"]


def test_row_without_a_version_is_in_no_list(rows: list[tuple[int, dict[str, object]]]) -> None:
    ended = "in_force_by: began_at\neffective_until: 2026-10-01T00:00:00Z\ngap_because: a test"
    counts = check_outcomes(load(policy(rule("a", "open"), more=ended)), rows)
    assert counts["nothing"] and counts["allow"] and counts["deny"]
