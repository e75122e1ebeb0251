"""A slur aimed at a person is hate in both modes, whatever the words around it; one about goods or places is not."""

import pytest

from tests.detectors.shipped import decided_whole, examined, outcome, rules_of

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


def stopped(text, mode="dispute"):
    decision = decided_whole(examined(text, False), mode)
    return decision.outcome == "block" or "hold" in decision.obligations


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
        "The faggots are in the freezer, with onion sauce",
        "Chinks for the rodeo, brown suede with fringe",
        "Japs in my garage: two speedway engines with a magneto each",
        "Both trannies sit on a pallet, torque converter included",
        "The wetback behind the stove heats our water",
        "A bag of WOG rated ball valves, all brass",
        "Doo wop compilation on four records",
        "Moroccan poof in red leather, no filling",
        "Cripple studs and two headers, cut last week",
        "Nips of whiskey, six of them, sealed",
        "The red slope is closed, so sell me your sled",
        "Ordnance survey sheet, both dykes are marked in blue",
        "Polack parka, size L, hardly worn",
        "A Midget with wire wheels came up for sale",
        "Tee time near Royal Troon, two places left",
        "You need a spade and a jerry can for this trip",
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


BETWEEN_GOODS = (
    "A wine rack, a lamp and a bench from Mill Street, and no {}s near them, thanks",
    "My aunt ordered a street map and got a brick from that {} in the yellow house",
    "The {}'s uncle carried the piano up to the second floor",
    "Is your courier a {}, or why is the mirror still in the van?",
    "He is a {} with a milk float, that is who has your book",
    "We hear the new tenant of the farm is a {} and he paid for the fence",
    "You {}s owe me for the engine and the curtain rail",
)
"""Everyday words, each of which is near goods that some word below names; none of them names what the slur may name."""
AMBIGUOUS = ("gook", "wop", "polack", "spastic", "dago", "injun", "mong", "retard", "golliwog", "raghead")


@pytest.mark.parametrize("frame", BETWEEN_GOODS)
def test_goods_of_another_word_excuse_no_slur(frame):
    texts = [frame.format(slur) for slur in AMBIGUOUS]
    assert [t for t in texts if not (stopped(t, "normal") and stopped(t, "dispute"))] == []


RARELY = ("nip", "slope", "redskin", "chug", "taig", "greaser", "limey")


@pytest.mark.parametrize(
    "frame",
    [
        "You {}s can keep the bicycle",
        "Are you a {}, or why is the parcel late?",
        "Don't let that {}'s brother drive the van",
        "Some {} rang about the lamp at midnight",
        "My landlord is a {}.",
        "{}s always haggle over chairs",
        "I would never sell a wardrobe to a {} again",
        "Tell your {} cousin to bring the drill back",
    ],
)
def test_a_word_that_rarely_is_a_slur_is_held_where_a_person_is_meant(frame):
    texts = [frame.format(word).capitalize() for word in RARELY]
    assert [t for t in texts if not stopped(t)] == []


@pytest.mark.parametrize(
    "text",
    [
        "My aunt says the man who bought our clock is a kike",
        "Our neighbor told the whole street that the new tenant is a wop",
        "My dad reckons gooks run the whole market now",
        "Did you hear that the coon from the car wash lists a sofa?",
    ],
)
def test_a_slur_that_somebody_else_said_of_others_is_held(text):
    assert stopped(text)


@pytest.mark.parametrize(
    "text",
    [
        "The seller wrote 'go home, you paki' to me",
        "He called my wife a gook in front of the kids",
        "The driver said my son is a retard",
        "We are a Roma family and this seller wrote that he doesn't trust gyppos",
        "The buyer told me he won't deal with a chinaman, which is racist",
    ],
)
def test_a_report_of_being_called_a_slur_is_delivered(text):
    assert not stopped(text)


@pytest.mark.parametrize("text", ["Let the dyke answer me", "My neighbor told us you were a spastic"])
def test_a_slur_that_nothing_places_is_held(text):
    assert outcome(text, "dispute") == "flag"
    assert rules_of(text) & {"hate.slur_unplaced", "hate.slur_passed_on"}
