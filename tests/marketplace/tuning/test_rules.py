"""How often each rule is right on labelled texts, and what it does to harmless ones."""

from detectors.signal import Signal
from marketplace.tuning.rules import RuleCount, count_rules
from marketplace.tuning.samples import Sample
from tests.engine.policies import shipped
from tests.marketplace.factories import NOW
from tests.marketplace.tuning.generated import make_samples

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
    assert (threat.right, threat.other, threat.harmless["blocked"], threat.wrong) == (1, 1, [3], 2)
    assert (threat.precision.hits, threat.precision.of, threat.detector) == (1, 3, "clause_rules")
    assert (insult.right, insult.wrong, insult.worst) == (1, 0, None)


def test_the_policy_says_what_a_rule_does_alone() -> None:
    """In the mode of the text, and by a signal of that detector."""
    counts = counted(
        sample(1, found("threat.direct", 0.85), found("threat.passed_on", 0.45)),
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
        "profanity.word": {"passed": [2], "blocked": [3]},
        "threat.passed_on": {"held": [1]},
        "threat.head": {"held": [4]},
        "spam.link": {"flagged": [5]},
    }


def test_reported_and_quoted_words_are_no_hit() -> None:
    told = found("threat.direct", 0.97, reported=True)
    counts = counted(sample(1, told), sample(2, told, found("threat.direct", 0.85), labels=("threat",)))
    assert (
        counts["threat.direct"].excused,
        counts["threat.direct"].right,
        counts["threat.direct"].wrong,
    ) == (1, 1, 0)


def test_rules_that_block_harmless_texts_come_first() -> None:
    order = count_rules(
        [
            sample(1, found("spam.link", 0.6)),
            sample(2, found("spam.link", 0.6)),
            sample(3, found("spam.link", 0.6)),
            sample(4, found("threat.direct", 0.97), labels=("threat",)),
            sample(5, found("threat.passed_on", 0.45)),
            sample(6, found("hate.slur", 0.97)),
            sample(7, found("abuse.group", 0.97), found("hate.slur", 0.97)),
            sample(8, found("insult.word", 0.35), labels=("threat",)),
        ],
        VERSION,
        rules={"threat.direct": "threat", "sexual.word": "sexual"},
        now=NOW,
    )
    assert [count.rule for count in order] == [
        "hate.slur", "abuse.group", "threat.passed_on", "spam.link", "insult.word", "threat.direct", "sexual.word",
    ]  # fmt: skip
    assert order[-1].category == "sexual"


def test_counts_are_those_of_a_recount() -> None:
    samples = make_samples(400)
    hits = [
        (s.number, rule, bool(s.labels), rule.partition(".")[0] in s.labels)
        for s in samples
        for rule in {signal.rule for signal in s.signals if not (signal.reported or signal.quoted)}
    ]
    counts = count_rules(samples, VERSION, rules={}, now=NOW)
    assert {count.rule for count in counts} == {signal.rule for s in samples for signal in s.signals}
    for count in counts:
        of_it = [hit for hit in hits if hit[1] == count.rule]
        assert count.right == sum(is_right for *_, is_right in of_it)
        assert count.other == sum(labelled and not is_right for *_, labelled, is_right in of_it)
        harmless = [number for found in count.harmless.values() for number in found]
        assert sorted(harmless) == sorted(number for number, _, labelled, _ in of_it if not labelled)
