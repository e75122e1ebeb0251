"""A slur aimed at a person is hate in both modes, whatever the words around it; one about goods or places is not."""

import pytest

from tests.detectors.shipped import outcome, rules_of

SLURS = ("nigger", "kike", "paki", "faggot", "chink", "tranny", "dyke", "coon", "spic", "polack")
FRAMES = (
    "Nice cover, {}",
    "I called you twice, you {}",
    "Stop lying to me, you {}",
    "You were denied, {}, and that is final",
    "Thanks for the word of advice, you {}",
    "Do not answer this {} seller",
    "Why would I buy from a {}?",
    "That offer is wrong, {}.",
    "You stupid {}, read the listing",
    "He is a {}.",
)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_slur_aimed_at_somebody_is_blocked_in_both_modes(frame):
    texts = [frame.format(slur) for slur in SLURS]
    passed = [t for t in texts if {outcome(t, "normal"), outcome(t, "dispute")} != {"block"}]
    assert passed == []


@pytest.mark.parametrize(
    "text",
    [
        "The lid has a chink in it, otherwise fine",
        "Signed by Jerry Van Dyke, 1966",
        "We cycled along the dykes of Zeeland",
        "Ford tranny with torque converter",
        "Keep it spic and span",
        "Mother's faggots in gravy, recipe card",
        "Fag card collection in an album",
        "Jap spec rear lights for a Miata",
        "Two kaffir lime trees in pots",
        "Coon cheese tin from the seventies",
        "Polack sausage stuffer by Enterprise",
        "A case of Modelo Negro bottles",
    ],
)
@pytest.mark.parametrize("mode", ["normal", "dispute"])
def test_goods_places_and_names_pass(text, mode):
    assert outcome(text, mode) == "allow"


@pytest.mark.parametrize(
    "text",
    [
        "Calling somebody a nigger is racist",
        "The word faggot is offensive, please remove it",
        "Please do not use slurs like kike here",
        "We are proud dykes and we sell boots",
    ],
)
def test_speaking_of_a_slur_is_not_blocked(text):
    assert outcome(text, "dispute") != "block"


def test_words_that_the_profanity_list_files_as_swearing_are_hate_where_they_are_slurs():
    for word in ("niglet", "kyke", "fudgepacker", "niggaz"):
        assert "hate.slur" in rules_of(f"typical {word} seller"), word


def test_what_excuses_one_clause_does_not_excuse_the_next():
    assert outcome("I never said that, but I will break your legs tonight", "dispute") == "block"
    assert outcome("I am not joking, I will kill you", "dispute") == "block"
    assert outcome("I never said that I will break your legs", "dispute") != "block"


@pytest.mark.parametrize("text", ["Let the dyke answer me", "My neighbor told us you were a spastic"])
def test_a_slur_that_nothing_places_is_held(text):
    assert outcome(text, "dispute") == "flag"
    assert rules_of(text) & {"hate.slur_unplaced", "hate.slur_passed_on"}
