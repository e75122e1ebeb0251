"""The numbers are compared with a recount that groups nothing: it decides about each text by itself, with a policy whose text
has the changed numbers."""

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import pytest

from benchmarks.labelled import make_samples
from decisions import bundles, trial
from detectors.signal import CATEGORIES, Signal
from documents.source import Source
from engine import Bundle, Decision, load_sources
from engine.compiled import CompiledPolicy
from marketplace.moderation.services import POLICY
from marketplace.tuning import thresholds
from marketplace.tuning.samples import Sample
from marketplace.tuning.thresholds import FOUND, SIDES, STOPPED, Evaluation, Texts
from marketplace.tuning.writing import add_version
from tests.engine.policies import shipped
from tests.marketplace.tuning.generated import make_settings
from tests.sampling import sample

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)


@cache
def texts() -> Texts:
    return Texts(make_samples(400))


@cache
def in_force() -> CompiledPolicy:
    return shipped().version_at(POLICY, NOW)


@cache
def before() -> Evaluation:
    return Evaluation(texts(), in_force(), now=NOW)


def with_values(values: dict[str, float | int]) -> CompiledPolicy:
    with bundles.pinned(shipped()):
        return trial.adjusted(POLICY, values, now=NOW).version_at(POLICY, NOW)


def written(values: dict[str, float | int]) -> Bundle:
    """From the text of the policy with the changed numbers."""
    text = add_version(in_force(), values, number=2, effective_from=NOW)
    loaded = load_sources([Source("moderation_profiles.yaml", text)])
    assert loaded.bundle is not None, loaded.diagnostics
    return loaded.bundle


def facts_of(sample: Sample, category: str | None = None) -> dict[str, Any]:
    strongest: dict[tuple[Any, ...], float] = {}
    for s in sample.signals:
        if category in (None, s.category):
            key = s.category, s.detector, s.reported, s.quoted
            strongest[key] = max(s.score, strongest.get(key, 0.0))
    return {
        "mode": sample.mode,
        "language": "english" if category else sample.language,
        "signals": [
            {"category": c, "score": score, "detector": d, "reported": r, "quoted": q}
            for (c, d, r, q), score in strongest.items()
        ],
        "unavailable": [] if category else list(sample.unavailable),
        "earlier_insults": [],
    }


def named(decision: Decision) -> str:
    assert not decision.errors
    if decision.outcome == "block":
        return "blocked"
    if decision.outcome == "allow":
        assert decision.obligations == ()
        return "passed"
    return "held" if "hold" in decision.obligations else "flagged"


def numbers(values: dict[str, float | int]) -> list[trial.Tunable]:
    with bundles.pinned(shipped()):
        return [tunable for tunable in trial.tunables(POLICY, now=NOW) if tunable.name in values]


def settings(seed: int) -> dict[str, float | int]:
    with bundles.pinned(shipped()):
        return make_settings(Random(seed), trial.tunables(POLICY, now=NOW))


@pytest.mark.parametrize("seed", sample(range(200), 80))
def test_the_numbers_are_those_of_each_text_decided_by_itself(seed: int) -> None:
    values = settings(seed)
    after = before().turned(with_values(values), numbers(values), now=NOW)
    bundle = written(values)

    def decided(sample: Sample, category: str | None = None) -> str:
        return named(bundle.decide(POLICY, facts_of(sample, category), now=NOW))

    alone = {sample.number: decided(sample) for sample in texts().samples}
    for mode in ("normal", "dispute"):
        of_mode = [sample for sample in texts().samples if sample.mode == mode]
        for category in (None, *CATEGORIES):
            counts = after.counts(mode, category)
            sides = {s.number: decided(s, category) if category else alone[s.number] for s in of_mode}
            labelled = {s.number for s in of_mode if (category in s.labels if category else s.labels)}
            assert counts.sides == {side: Counter(sides.values())[side] for side in SIDES}
            assert (counts.texts, counts.labelled) == (len(of_mode), len(labelled))
            for measured in (FOUND, STOPPED):
                found = {number for number, side in sides.items() if side in measured}
                precision, recall = counts.precision(measured), counts.recall(measured)
                assert (precision.hits, precision.of) == (len(found & labelled), len(found))
                assert (recall.hits, recall.of) == (len(found & labelled), len(labelled))
            passed = {number for number, side in sides.items() if side == "passed"}
            assert counts.missed == len(passed & labelled)
            blocked = {number for number, side in sides.items() if side == "blocked"}
            assert counts.false_flags == len(sides) - len(passed | blocked | labelled)
            assert counts.false_blocks == len(blocked - labelled)
            if category:
                assert [{each.sample.number for each in of} for of in after.mistakes(mode, category)] == [
                    labelled & passed,
                    sides.keys() - passed - blocked - labelled,
                    blocked - labelled,
                ]
            reviewed = sum(side in ("flagged", "held") for side in sides.values())
            assert counts.hours(3) == pytest.approx(reviewed * 0.05)

    was = {s.number: named(shipped().decide(POLICY, facts_of(s), now=NOW)) for s in texts().samples}
    changes = before().changes_to(after)
    assert {(c.sample.number, c.before, c.after) for c in changes} == {
        (number, was[number], side) for number, side in alone.items() if was[number] != side
    }
    assert len(changes) == len({c.sample.number for c in changes})


def test_generated_settings_move_texts_both_ways_and_between_all_sides() -> None:
    moves = Counter(
        (change.before, change.after)
        for seed in range(60)
        for change in before().changes_to(
            before().turned(with_values(settings(seed)), numbers(settings(seed)), now=NOW)
        )
    )
    assert {one for one, _ in moves} == {other for _, other in moves} == set(SIDES)


def test_the_engine_decides_once_about_what_looks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    decide = thresholds.decide

    def counted(version: CompiledPolicy, facts: Any, **options: Any) -> Any:
        asked.append(facts)
        return decide(version, facts, **options)

    monkeypatch.setattr(thresholds, "decide", counted)
    samples = make_samples(100)
    once, four_times = Texts(samples), Texts(samples * 4)
    Evaluation(once, in_force(), now=NOW)
    decisions = len(asked)
    assert decisions == len({repr(facts) for facts in asked})
    asked.clear()
    in_all = Evaluation(four_times, in_force(), now=NOW)
    assert len(asked) == decisions
    asked.clear()
    values = {"thresholds[dispute/threat].flag": 0.4}
    turned = in_all.turned(with_values(values), numbers(values), now=NOW)
    assert {(facts["mode"], "threat" in [s["category"] for s in facts["signals"]]) for facts in asked} == {
        ("dispute", True)
    }
    assert turned.sides == Evaluation(four_times, with_values(values), now=NOW).sides
    asked.clear()
    values = {"look_from": 0.4}
    in_all.turned(with_values(values), numbers(values), now=NOW)
    assert len(asked) == decisions


def test_a_text_without_signals_counts_as_passed_and_missed() -> None:
    silent = Sample(1, "normal", "english", (), (), frozenset({"threat"}))
    evaluation = Evaluation(Texts([silent]), in_force(), now=NOW)
    for category in (None, "threat"):
        counts = evaluation.counts("normal", category)
        assert (counts.missed, counts.labelled, counts.sides["passed"]) == (1, 1, 1)
        assert counts.precision().share is None
    assert evaluation.counts("normal", "hate").labelled == 0
    assert evaluation.counts("dispute").texts == 0


def test_mistakes_that_a_threshold_has_to_move_least_for_come_first() -> None:
    def threat(number: int, score: float, *labels: str) -> Sample:
        detector = "classifier" if score < 0.5 else "lexicon"
        signal = Signal("threat", score, 0, 4, detector, "1", "threat.x")
        return Sample(number, "normal", "english", (signal,), (), frozenset(labels))

    texts = Texts(
        [
            threat(1, 0.10, "threat"),
            threat(2, 0.90),
            threat(3, 0.85, "insult"),
            Sample(4, "normal", "english", (), (), frozenset({"threat"})),
            threat(5, 0.28, "threat"),
            threat(6, 0.40),
            threat(7, 0.90, "threat"),
            threat(8, 0.20),
            Sample(9, "normal", "english", (), (), frozenset()),
        ]
    )
    evaluation = Evaluation(texts, in_force(), now=NOW)
    mistakes = evaluation.mistakes("normal", "threat")
    assert [[(each.sample.number, each.score) for each in of] for of in mistakes] == [
        [(5, 0.28), (1, 0.10), (4, 0.0)],
        [(6, 0.40)],
        [(3, 0.85), (2, 0.90)],
    ]
    counts = evaluation.counts("normal", "threat")
    assert (counts.missed, counts.false_flags, counts.false_blocks) == (3, 1, 2)
    told = counts.to_dict()
    assert (told["missed"], told["false_flags"], told["false_blocks"]) == (3, 1, 2)
    assert evaluation.mistakes("dispute", "threat") == ([], [], [])


def test_what_a_mode_has_is_told_as_data() -> None:
    told = before().to_dict()
    assert list(told) == ["normal", "dispute"]
    assert list(told["normal"]) == ["all", *CATEGORIES]
    assert told["normal"]["all"]["texts"] == before().counts("normal").texts
