"""better-profanity's own engine as a detector, with a separate instance."""

import pytest
from better_profanity import profanity

from detectors.normalizer import normalize
from detectors.original_profanity import OriginalProfanity, TextTooLongForEngine


def test_it_says_whether_a_text_is_profane():
    detector = OriginalProfanity()
    signals = list(detector.find(normalize("Oh shit.")))
    assert [(s.category, s.detector, s.start, s.end) for s in signals] == [("profanity", "lexicon", 0, 8)]
    assert list(detector.find(normalize("A fine desk."))) == []
    assert detector.version.startswith("better-profanity 0.7")


def test_the_shared_instance_of_the_package_changes_nothing():
    detector = OriginalProfanity()
    profanity.load_censor_words(["desk"])
    try:
        assert list(detector.find(normalize("A fine desk."))) == []
    finally:
        profanity.load_censor_words()


def test_a_text_that_would_take_seconds_is_refused():
    with pytest.raises(TextTooLongForEngine):
        OriginalProfanity().find(normalize("fine " * 401))
