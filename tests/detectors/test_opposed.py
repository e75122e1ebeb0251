"""Words that condemn or deny hate are held at most; the same words meant seriously are blocked."""

import pytest

from tests.detectors.shipped import outcome

AGAINST = (
    "Women should never be beaten",
    "I refuse to hate refugees",
    "Roma were never a threat to anybody",
    "Only racists believe that refugees are criminals",
    "What kind of person says that Jews should be shot?",
    "It hurts to read that trans people are freaks",
    "I disagree with you that Poles are thieves",
    "You said that women should die. Delete it.",
    "Imagine thinking that gays should be locked up",
)
MEANT = (
    "Women should be beaten",
    "I hate refugees",
    "Refugees are criminals",
    "Jews should be shot",
    "Trans people are freaks",
)


@pytest.mark.parametrize("mode", ["normal", "dispute"])
@pytest.mark.parametrize("text", AGAINST)
def test_who_speaks_against_it_is_not_blocked(text, mode):
    assert outcome(text, mode) != "block"


@pytest.mark.parametrize("text", MEANT)
def test_who_means_it_is_blocked(text):
    assert outcome(text, "dispute") == "block"
