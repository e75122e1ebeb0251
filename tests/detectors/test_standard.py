"""The shipped pipeline, and the lexicon next to the policies."""

import pytest

from detectors.lexicon_reader import LexiconError
from detectors.signal import CATEGORIES, FOREIGN
from detectors.standard import standard
from engine.bundle import policy_files
from tests.detectors.shipped import FOLDER, lexicon, pipeline


def test_rules_and_words_judge_every_category_without_a_classifier():
    judged = frozenset().union(*(detector.categories for detector in pipeline().detectors))
    assert judged == set(CATEGORIES)
    assert [detector.name for detector in pipeline().detectors] == ["lexicon", "clause_rules"] * (
        1 + len(FOREIGN)
    )


def test_every_language_has_rules_for_the_hard_categories_and_for_self_harm():
    rules = {one.language: {rule.category for rule in one.rules} for one in lexicon().foreign}
    assert rules.keys() == set(FOREIGN)
    for categories in rules.values():
        assert categories >= {"threat", "abuse", "hate", "violence", "self_harm"}


def test_the_lexicon_is_no_policy():
    assert [path for path in policy_files(FOLDER.parent) if FOLDER in path.parents] == []


def test_a_folder_that_is_no_lexicon_is_refused(tmp_path):
    with pytest.raises(LexiconError):
        standard(tmp_path)
