"""The classifier's signals are calibrated, cover the whole text, and use the higher score of the original and the normalized
text."""

from dataclasses import replace
from pathlib import Path

import pytest

from detectors.calibration import BadCalibration, save_calibration
from detectors.classifier import Classifier, load_classifier, shipped_classifier
from detectors.heads import Heads
from detectors.signal import CATEGORIES, Signal
from detectors.windowed import WEIGHTS
from tests.detectors.texts import MODELS, plain


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return shipped_classifier(MODELS)


def by_rule(classifier: Classifier, text: str, normalized: str | None = None) -> dict[str, Signal]:
    return {signal.rule: signal for signal in classifier.find(plain(text, normalized))}


def test_classifier_judges_the_categories_of_its_heads(classifier: Classifier) -> None:
    assert classifier.categories == set(CATEGORIES)


def test_signal_spans_the_text_and_names_head_and_versions(classifier: Classifier) -> None:
    signal = by_rule(classifier, "I will kill you")["both.threat"]
    assert (signal.category, signal.start, signal.end, signal.detector) == ("threat", 0, 15, "classifier")
    assert signal.version == classifier.calibration.version
    assert signal.version.startswith("toxlstm-0.1.2+heads-")


def test_threat_reaches_the_threshold_and_a_complaint_does_not(classifier: Classifier) -> None:
    threat = by_rule(classifier, "I will find you and kill you, watch your back.")
    complaint = by_rule(classifier, "The table came a week late, it is scratched, and I want my money back.")
    assert threat["both.threat"].score >= 0.5
    assert max(signal.score for signal in complaint.values()) < 0.1


def test_neutral_mention_of_a_group_is_not_hate(classifier: Classifier) -> None:
    for text in (
        "I am a gay man.",
        "My neighbors are Muslim and very kind.",
        "As a Black woman I felt welcome.",
    ):
        hate = by_rule(classifier, text).get("encoder.hate")
        assert hate is None or hate.score < 0.3


def test_every_head_scores_every_text_in_hundredths(classifier: Classifier) -> None:
    signals = by_rule(classifier, "Thank you, the table is lovely.")
    assert signals.keys() == classifier.rules.keys()
    assert max(signal.score for signal in signals.values()) < 0.05
    for signal in (*signals.values(), *by_rule(classifier, "I will kill you").values()):
        assert signal.score == round(signal.score, 2)


def test_worse_of_written_and_normalized_text_counts(classifier: Classifier) -> None:
    plain_form = by_rule(classifier, "I will kill you")
    hidden = by_rule(classifier, "I w1ll k!ll y0u", "I will kill you")
    assert hidden["both.threat"].score == plain_form["both.threat"].score
    assert by_rule(classifier, "I w1ll k!ll y0u")["both.threat"].score < hidden["both.threat"].score


def test_head_without_a_curve_is_refused(classifier: Classifier) -> None:
    curves = {head: curve for head, curve in classifier.calibration.curves.items() if head != "encoder.hate"}
    with pytest.raises(BadCalibration, match=r"`encoder\.hate` has no curve"):
        Classifier(classifier.model, replace(classifier.calibration, curves=curves))


def test_calibration_of_another_model_is_refused(classifier: Classifier) -> None:
    other = Classifier(classifier.model, replace(classifier.calibration, model="other-1"))
    with pytest.raises(BadCalibration) as refused:
        list(other.find(plain("text")))
    assert str(refused.value) == f"the calibration is of `other-1`, the model is `{classifier.model.version}`"


def test_heads_beside_the_models_take_the_place_of_the_shipped_ones(
    classifier: Classifier, tmp_path: Path
) -> None:
    for network in ("toxlstm", "encoder"):
        (tmp_path / network).symlink_to(MODELS / network)
    assert load_classifier(tmp_path).version == classifier.version
    for name in ("heads", "encoder_heads"):
        replace(Heads.load(WEIGHTS / f"{name}.npz"), version=f"my-{name}").save(tmp_path / f"{name}.npz")
    assert load_classifier(tmp_path).version == classifier.version
    version = "toxlstm-0.1.2+my-heads+minilm-0.1.2+my-encoder_heads"
    save_calibration(replace(classifier.calibration, model=version), tmp_path / "calibration.yaml")
    own = load_classifier(tmp_path)
    own.check()
    assert own.model.version == version
    assert by_rule(own, "I will kill you").keys() == by_rule(classifier, "I will kill you").keys()
