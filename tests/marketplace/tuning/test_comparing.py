"""Two versions of the detectors on the same texts."""

from dataclasses import replace
from random import Random

import pytest

from benchmarks.labelled import make_samples
from decisions import bundles, trial
from detectors.signal import Signal
from marketplace.moderation.services import POLICY
from marketplace.tuning.comparing import Comparison, Translation, compare
from marketplace.tuning.samples import Sample, to_hundredths
from marketplace.tuning.thresholds import Evaluation, Texts
from tests.marketplace.factories import NOW


def sample(number: int, score: float, labels: tuple[str, ...] = (), detector: str = "clause_rules") -> Sample:
    found = (Signal("threat", score, 0, 4, detector, "1", "threat.x"),) if score else ()
    return Sample(number, "normal", "english", found, (), frozenset(labels))


def samples(*scores: float, detector: str = "clause_rules", harmless: tuple[float, ...] = ()) -> list[Sample]:
    labelled = [(score, ("threat",)) for score in scores] + [(score, ()) for score in harmless]
    return [sample(n, score, labels, detector) for n, (score, labels) in enumerate(labelled, 1)]


def translation(comparison: Comparison, column: str, mode: str = "normal") -> Translation:
    [found] = [
        t for t in comparison.translations if (t.mode, t.category, t.column) == (mode, "threat", column)
    ]
    return found


def test_same_detectors_keep_their_thresholds() -> None:
    texts = make_samples(300)
    comparison = compare(texts, texts, now=NOW)
    assert comparison.translations
    assert [(t.new, t.after) for t in comparison.translations] == [
        (t.old, t.before) for t in comparison.translations
    ]
    assert comparison.changes == comparison.changes_translated == []


def test_threshold_moves_with_the_scores() -> None:
    """The new detector says 0.2 less: three labelled texts of four are blocked again, and the harmless one is not."""
    old = samples(0.95, 0.9, 0.85, 0.4, harmless=(0.82,))
    new = samples(0.75, 0.7, 0.65, 0.2, harmless=(0.24,))
    comparison = compare(old, new, now=NOW)
    block = translation(comparison, "block")
    assert (block.old, block.new, block.name) == (0.8, 0.65, "thresholds[normal/threat].block")
    assert [(r.hits, r.of) for r in (block.before, block.untranslated, block.after)] == [
        (3, 4),
        (0, 4),
        (3, 4),
    ]
    flag = translation(comparison, "flag")
    assert (flag.old, flag.new, flag.after.hits) == (0.3, 0.2, 4)
    shown = [(c.sample.number, c.before, c.after) for c in comparison.changes]
    assert shown == [*((number, "blocked", "held") for number in (1, 2, 3)), (5, "blocked", "flagged")]
    shown = [(c.sample.number, c.before, c.after) for c in comparison.changes_translated]
    assert shown == [(5, "blocked", "flagged")]


def test_threshold_goes_no_further_than_needed() -> None:
    """Any threshold above 0.3 and up to 0.85 finds the same text; 0.8 is in force."""
    comparison = compare(samples(0.9, 0.4), samples(0.85, 0.3), now=NOW)
    assert translation(comparison, "block").new == 0.8
    comparison = compare(samples(0.9, 0.4), samples(0.9, 0.85), now=NOW)
    assert translation(comparison, "block").new == 0.86


def test_equal_scores_find_more_rather_than_less() -> None:
    comparison = compare(samples(0.9, 0.4, 0.4), samples(0.3, 0.3, 0.3), now=NOW)
    block = translation(comparison, "block")
    assert (block.new, block.after.hits, block.is_worse) == (0.3, 3, False)


def test_recall_that_no_threshold_keeps_is_told() -> None:
    comparison = compare(samples(0.9, 0.8), samples(0.6, 0.0), now=NOW)
    block = translation(comparison, "block")
    assert (block.before.hits, block.after.hits, block.is_worse) == (2, 1, True)
    gone = translation(compare(samples(0.9), samples(0.0), now=NOW), "block")
    assert (gone.new, gone.after.hits, gone.is_worse) == (0.8, 0, True)


def test_classifier_does_not_move_what_it_may_not_block() -> None:
    comparison = compare(samples(0.9, detector="classifier"), samples(0.32, detector="classifier"), now=NOW)
    block = translation(comparison, "block")
    assert (block.new, block.before.hits) == (0.8, 0)
    hold = translation(comparison, "hold")
    assert (hold.old, hold.new, hold.after.hits) == (0.40, 0.32, 1)
    told = [
        replace(each, signals=tuple(replace(s, reported=True) for s in each.signals)) for each in samples(0.9)
    ]
    assert translation(compare(told, samples(0.4), now=NOW), "block").before.hits == 0


def test_only_categories_with_labels_are_translated() -> None:
    comparison = compare(samples(0.9), samples(0.9), now=NOW)
    assert {(t.category, t.mode, t.column) for t in comparison.translations} == {
        ("threat", mode, column) for mode in ("normal", "dispute") for column in ("flag", "block", "hold")
    }
    assert compare([sample(1, 0.9)], [sample(1, 0.2)], now=NOW).translations == ()


@pytest.mark.parametrize("seed", range(5))
def test_recall_never_falls_where_everything_is_still_found(seed: int) -> None:
    random = Random(seed)
    old = make_samples(200, seed=seed)
    new = [
        replace(each, signals=tuple(replace(s, score=_blurred(random, s.score)) for s in each.signals))
        for each in old
    ]
    comparison = compare(old, new, now=NOW)
    version = bundles.current().version_at(POLICY, NOW)
    alone = [Evaluation(Texts([each]), version, now=NOW) for each in (*old, *new)]
    sides = [each.sides[each.texts.whole[0]] for each in alone]
    recounted = [
        (each.number, before, after)
        for each, before, after in zip(new, sides[: len(old)], sides[len(old) :], strict=True)
        if before != after
    ]
    assert [(c.sample.number, c.before, c.after) for c in comparison.changes] == recounted != []
    in_force = {t.name: t.value for t in trial.tunables(POLICY, now=NOW)}
    for each in comparison.translations:
        assert in_force[each.name] == each.old
        assert each.after.hits >= each.before.hits


def _blurred(random: Random, score: float) -> float:
    return to_hundredths(min(1.0, max(0.01, score + random.uniform(-0.3, 0.1))))
