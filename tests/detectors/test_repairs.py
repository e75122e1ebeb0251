"""The second reading: each pass undoes one trick, can be left out, and only ever holds."""

import pytest

from detectors.normalizer import normalize
from detectors.repairing import GUESSED, HELD
from detectors.repairs import PASSES, repaired
from detectors.standard import standard
from tests.detectors.shipped import decided, lexicon, outcome, pipeline

TRICKS = {
    "reversed": "\u202euoy llik lliw I",
    "camel": "IWillKillYou",
    "emoji": "I will 🔪 you",
    "lines": "I\nwill\nkill\nyou",
    "joined": "iwillkillyou",
    "chat": "watch ur back 2nite",
    "typos": "I wlil klil you",
}


@pytest.mark.parametrize("name", PASSES)
def test_each_pass_finds_what_it_is_for_and_nothing_without_it(name):
    others = [other for other in PASSES if other not in (name, "joined" if name == "camel" else name)]
    without = standard(lexicon(), passes=others)
    assert decided(without.examine(TRICKS[name]), "dispute") == "allow"
    assert decided(standard(lexicon(), passes=[name]).examine(TRICKS[name]), "dispute") == "flag"


@pytest.mark.parametrize("text", TRICKS.values())
def test_a_repair_holds_and_never_blocks(text):
    signals = pipeline().examine(text).signals
    assert signals
    assert max(signal.score for signal in signals) == HELD
    assert all(0 <= signal.start < signal.end <= len(text) for signal in signals)
    assert outcome(text, "normal") == outcome(text, "dispute") == "flag"


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Some lads were asking for your name", 0.5),
        ("some lads were asking for ur name", 0.5),
        ("Some lads were asikng for your name", GUESSED),
        ("Some lads were askingforyourname", GUESSED),
    ],
)
def test_what_only_holds_flags_where_its_words_are_a_guess(text, score):
    """The spellings of chats are no guess."""
    assert max(signal.score for signal in pipeline().examine(text).signals) == score


def test_help_is_offered_for_a_guess_too():
    [despair] = pipeline().examine("I do not want to wkae up tomorrow").signals
    assert (despair.rule, despair.score) == ("self_harm.despair", HELD)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("I willl kil yuo", "i will kill you"),
        ("I. will. kill. you", "i will kill you"),
        ("w\na\nt\nc\nh\n \ny\no\nu", "watch you"),
        ("killyourself", "kill yourself"),
        ("k1llyours3lf", "kill yourself"),
        ("u r next 2nite, dont hide", "you are next tonight, don't hide"),
        ("say hi to 💀", "say hi to  dead "),
        ("orishootyourdog", "or i shoot your dog"),
        ("imgonnabreakyourneck", "im gonna break your neck"),
    ],
)
def test_what_a_trick_is_read_as(text, read):
    again = repaired(normalize(text, lexicon().known), lexicon().known)
    assert again is not None
    assert again.normalized == read
    assert len(again.origins) == len(read) + 1
    assert all(0 <= origin <= len(text) for origin in again.origins)


@pytest.mark.parametrize(
    "text",
    [
        "Does the kettlebell ship to Scunthorpe?",
        "The iPhone and the PlayStation, please.",
        "Yes. I can. Tomorrow then. See you.",
        "My name is Mahatma Martinhauser",
        "Is the kayak in Kilkenny still for sale?",
        "Thx, pls snd the trackng nmbr",
        "Kiln, hammer, shovel and stabilizer",
        "Nice 🔥 deal, thanks 👍",
        "hehe ok, one xiao long bao please",
        "Can I pay with my hmo plan?",
    ],
)
@pytest.mark.parametrize("mode", ["normal", "dispute"])
def test_ordinary_typos_names_and_emoji_pass(text, mode):
    assert outcome(text, mode) == "allow"


@pytest.mark.parametrize("text", ["IKnowWhereYourLittleGirlSleeps", "iwillmakesureyoulosemorethanmoney"])
def test_the_classifier_reads_joined_words(text):
    """No rule knows these. What the classifier makes of a guess may hold, too, and is capped in the same way."""
    signals = pipeline(classifier=True).examine(text).signals
    assert {signal.detector for signal in signals} == {"classifier"}
    assert max(signal.score for signal in signals) == HELD


@pytest.mark.parametrize("text", ["ThePackageIsReadyForPickup", "yourbrotherwillcollectthetable"])
def test_the_classifier_finds_nothing_in_joined_words_without_harm(text):
    assert pipeline(classifier=True).examine(text).signals == ()
