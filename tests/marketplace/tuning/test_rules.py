"""How often each rule is right on labelled texts, and what it does to harmless ones."""

from benchmarks.labelled import make_samples
from detectors.signal import Signal
from marketplace.tuning.rules import RuleCount, count_rules
from marketplace.tuning.samples import Sample
from marketplace.tuning.thresholds import Evaluation, Texts
from tests.engine.policies import shipped
from tests.marketplace.factories import NOW

VERSION = shipped().version_at("moderation_profiles", NOW)


def found(rule: str, score: float, detector: str = "clause_rules", **said: bool) -> Signal:
    return Signal(rule.partition(".")[0], score, 0, 4, detector, "1", rule, **said)  # type: ignore[arg-type]


def sample(number: int, *signals: Signal, labels: tuple[str, ...] = (), mode: str = "normal") -> Sample:
    return Sample(number, mode, "english", signals, (), frozenset(labels))


def counted(*samples: Sample, **rules: str) -> dict[str, RuleCount]:
    return {count.rule: count for count in count_rules(samples, VERSION, rules=rules, now=NOW)}


def test_a_text_counts_once_for_each_rule() -> None:
    twice = found("threat.direct", 0.85), found("threat.direct", 0.97)
    counts = counted(
        sample(1, *twice, labels=("threat",)),
        sample(2, *twice, found("insult.word", 0.6), labels=("insult",)),
        sample(3, found("threat.direct", 0.85)),
        sample(4),
    )
    threat, insult = counts["threat.direct"], counts["insult.word"]
    assert (threat.right, threat.other, threat.harmless["blocked"], threat.stopped) == (1, 1, [3], 1)
    assert (threat.precision.hits, threat.precision.of, threat.detector) == (1, 3, "clause_rules")
    assert (insult.right, insult.stopped, insult.worst) == (1, 0, None)


def test_the_policy_says_what_a_rule_does_alone() -> None:
    """In the mode of the text, and by a signal of that detector."""
    counts = counted(
        sample(1, found("threat.direct", 0.85), found("threat.passed_on", 0.5)),
        sample(2, found("profanity.word", 0.85, "lexicon"), mode="dispute"),
        sample(3, found("profanity.word", 0.85, "lexicon")),
        sample(4, found("threat.head", 0.99, "classifier")),
        sample(5, found("spam.link", 0.6)),
    )
    harmless = {
        rule: {side: found for side, found in count.harmless.items() if found}
        for rule, count in counts.items()
    }
    assert harmless == {
        "threat.direct": {"blocked": [1]},
        "profanity.word": {"blocked": [3]},
        "threat.passed_on": {"held": [1]},
        "threat.head": {"held": [4]},
        "spam.link": {"flagged": [5]},
    }
    assert {rule for rule, count in counts.items() if count.weak} == {"profanity.word"}


def test_reported_and_quoted_words_are_no_hit() -> None:
    told = found("threat.direct", 0.97, reported=True)
    counts = counted(sample(1, told), sample(2, told, found("threat.direct", 0.85), labels=("threat",)))
    assert (
        counts["threat.direct"].excused,
        counts["threat.direct"].right,
        counts["threat.direct"].stopped,
    ) == (1, 1, 0)


def test_rules_that_block_harmless_texts_come_first() -> None:
    order = count_rules(
        [
            sample(1, found("spam.link", 0.6)),
            sample(2, found("spam.link", 0.6)),
            sample(3, found("spam.link", 0.6)),
            sample(4, found("threat.direct", 0.97), labels=("threat",)),
            sample(5, found("threat.passed_on", 0.5)),
            sample(6, found("hate.slur", 0.97)),
            sample(7, found("abuse.group", 0.97), found("hate.slur", 0.97)),
            sample(8, found("insult.word", 0.45), labels=("threat",)),
        ],
        VERSION,
        rules={"threat.direct": "threat", "sexual.word": "sexual"},
        now=NOW,
    )
    assert [count.rule for count in order] == [
        "hate.slur", "abuse.group", "threat.passed_on", "spam.link", "insult.word", "threat.direct", "sexual.word",
    ]  # fmt: skip
    assert order[-1].category == "sexual"


def test_scores_that_do_nothing_are_no_hits() -> None:
    counts = counted(
        sample(1, found("threat.head", 0.29, "classifier")),
        sample(2, found("threat.head", 0.29, "classifier"), labels=("threat",)),
        sample(3, found("threat.head", 0.3, "classifier"), labels=("threat",)),
    )
    head = counts["threat.head"]
    assert (head.weak, head.right, head.precision.of, head.is_silent) == (2, 1, 1, False)


def test_counts_are_those_of_a_recount() -> None:
    samples = make_samples(400)
    hits: dict[str, list[tuple[Sample, str]]] = {}
    for each in samples:
        for rule in {signal.rule for signal in each.signals if not (signal.reported or signal.quoted)}:
            own = [s for s in each.signals if s.rule == rule and not (s.reported or s.quoted)]
            strongest = max(own, key=lambda signal: signal.score)
            alone = Evaluation(
                Texts([Sample(1, each.mode, "english", (strongest,), (), frozenset())]), VERSION, now=NOW
            )
            hits.setdefault(rule, []).append((each, alone.sides[alone.texts.whole[0]]))
    counts = count_rules(samples, VERSION, rules={}, now=NOW)
    assert {count.rule for count in counts} == {signal.rule for s in samples for signal in s.signals}
    for count in counts:
        acting = [(s, side) for s, side in hits[count.rule] if side != "passed"]
        assert count.weak == len(hits[count.rule]) - len(acting)
        assert count.right == sum(count.category in s.labels for s, _ in acting)
        assert count.precision.of == len(acting)
        for side, numbers in count.harmless.items():
            assert numbers == [s.number for s, became in acting if became == side and not s.labels]
