"""The detectors of a process: built once from the settings, and monitored."""

import pytest
from prometheus_client import REGISTRY

from detectors.signal import CATEGORIES
from marketplace.moderation import detection

SHIPPED = "marketplace.moderation.assembly.assemble"
WORDS = "tests.marketplace.moderation.words"


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_detectors_are_put_together_once(settings):
    first = detection.configured()
    assert detection.configured() is first
    settings.MODERATION_PIPELINE = f"{WORDS}.without_spam"
    assert detection.configured() is not first
    settings.MODERATION_PIPELINE = f"{WORDS}.pipeline"
    assert detection.configured() is first


def test_detectors_that_cannot_be_put_together_judge_nothing_and_say_why(settings):
    settings.MODERATION_PIPELINE = f"{WORDS}.impossible"
    assert detection.examine("Hello").findings.unavailable == CATEGORIES
    assert detection.problems() == [
        f"pipeline {WORDS}.impossible: ValueError: line 3 of the word list makes no sense"
    ]


@pytest.mark.parametrize(
    ("classifier", "heard"),
    [("bilstm", {"lexicon", "clause_rules", "classifier"}), ("none", {"lexicon", "clause_rules"})],
)
def test_shipped_detectors_are_assembled_and_judge_every_category(settings, classifier, heard):
    settings.MODERATION_PIPELINE = SHIPPED
    settings.MODERATION_CLASSIFIER = classifier
    findings = detection.examine(
        "I will kill you, you fucking idiot. Where is the walnut desk that I have paid for?"
    ).findings
    assert (detection.problems(), findings.language, findings.unavailable) == ([], "english", ())
    assert {signal.detector for signal in findings.signals} == heard
    assert "threat" in {signal.category for signal in findings.signals}


@pytest.mark.parametrize(
    ("classifier", "problem"),
    [
        ("bilstm", "classifier bilstm: `{models}/toxlstm/model.onnx` is missing; `make models` makes it"),
        ("detoxify", "classifier detoxify: `torch` is not installed; install the extra `detoxify`"),
    ],
)
def test_classifier_that_is_missing_is_a_problem_and_the_rules_judge_alone(
    settings, tmp_path, classifier, problem
):
    settings.MODERATION_PIPELINE = SHIPPED
    settings.MODERATION_CLASSIFIER = classifier
    settings.MODERATION_MODELS = tmp_path
    findings = detection.examine("I will kill you").findings
    assert detection.problems() == [problem.format(models=tmp_path)]
    assert (findings.unavailable, {signal.detector for signal in findings.signals}) == ((), {"clause_rules"})


def test_examining_is_measured(settings):
    settings.MODERATION_PIPELINE = f"{WORDS}.without_threats"
    names = {
        "comity_detection_seconds_count": {},
        "comity_detection_signals_total": {"category": "spam", "detector": "lexicon"},
        "comity_detection_unavailable_total": {"category": "threat"},
    }
    before = [metric(name, **labels) for name, labels in names.items()]
    detection.examine("spam:0.6 and spam:0.7")
    after = [metric(name, **labels) for name, labels in names.items()]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1]


def test_examined_text_is_in_no_representation():
    examined = detection.examine("hate:0.9")
    assert (examined.text, "hate:0.9" in repr(examined)) == ("hate:0.9", False)
