"""Ordinary trade and complaint messages that resemble blocked ones, and the same words meant seriously."""

import pytest

from detectors.repairing import HOLDS
from tests.detectors.shipped import decided_whole, outcome, pipeline

HARMLESS = (
    "If looks could kill, your clerk would be in prison",
    "We won't be coming back to your stall",
    "You people are thieves",
    "Why was it so hard to return this?",
    "Her hot pot arrived without the lid",
    "Great rack, it fits four bikes",
    "The handover is on a tight schedule",
    "Will you ride your scooter over?",
    "Get me off this mailing list, please",
    "Send me your body shop's address",
    "Come over with the kids, they will have fun",
    "If anything happens to the crate I blame the courier",
    "I'm watching these auctions",
    "I will wait for you at the gate",
    "I know where your stall is, see you at ten",
    "Mind your back when you lift the stove",
    "I'll bring a knife to open the boxes at your place",
    "I'll hit you back with an offer",
    "I'll smash your old tiles and cart them away",
    "That answer is a slap in the face",
    "You need to cut the price",
    "We should hang these pictures before you come",
    "Beat this price and it is yours",
    "White power drill, two batteries",
    "Black trash cans, three of them",
    "Japanese dog figurine, signed",
    "Women belong in engineering",
    "Refugees should not be attacked",
    "Jews deserve to be defended",
    "No woman should be beaten",
    "Pay by Friday or I report you to the bank",
    "Refund me or I leave a bad review",
    "If you do not pay, my lawyer will write to your landlord",
    "I will post the photos of the scratch in this chat",
    "I'll post it to your address tomorrow",
    "Blue tits and great tits, a set of four mugs",
    "Can you show me the underwear from the other side?",
    "Is a massage for free with this voucher?",
    "Take off those pants from my order, I only want the shirt",
    "I'm coming for you with the van at eight",
    "I know where you live now, what a nice street",
    "Watch your back with that freezer",
    "Enjoy your last days of winter with this sled",
    "I have your address and will be there at six with the money",
    "I'm hanging your photo in the kitchen",
    "If you don't refund me I'll post a photo of the torn seam",
    "I found your number on the flyer",
    "I found your house, the bell is hidden",
    "Vintage tin sign: a carton of fags",
)
DELIVERED = (
    "Your wife sent me photos of the stove, is it 90?",
    "I'll tell everybody how kind you were, five stars",
    "If nobody buys it by Monday you can have it for free",
    "If your husband dislikes the color you get your money back",
    "Tell me what your family says, I hold it for a deposit",
    "My partner can pay on Tuesday and you keep it until then",
    "The secret is the yeast, and it costs 2 euros",
    "We have your parcel at the desk, the fee is 4 euros",
    "I'll show this chat to your manager unless you refund me",
    "He works at the library on Main Street, leave the books there",
    "My wife saw the pictures and takes it for 60",
)
MEANT = (
    "Refund me or I post your home address online",
    "Pay me or your wife gets the screenshots",
    "If you don't send the cash I'll leak your private photos",
    "I have your nudes, pay 300 or they go to your family",
    "Pay 200 a month and nobody finds out about your secret",
    "I will dox you",
    "We'll get you swatted",
    "His home address is 3 Birch Lane, everyone pay him a visit",
    "You have one week to live",
    "Enjoy your last breakfast",
    "Your mom gets it if you keep lying",
    "I will make you disappear",
    "You will need a new jaw",
    "Do the world a favor and drink bleach",
    "Roma are born thieves",
    "Nobody would miss you if you died",
)
THIN_TO_BLOCK = (
    "RaHoWa",
    "Half price, or your sister learns about the affair",
    "I'm putting your phone number on every wall in the city",
    "We will punish every immigrant",
    "You get your passport back when I have the 300",
    "Report me and I'll say that you touched me",
    "One call from me and your visa is gone",
    "Your website is mine. Pay and it comes back.",
    "The tax office would love my video. Half price and I keep quiet.",
    "Keep it that way with 200 off: your landlord doesn't know",
    "Do me a favor tonight and I'll forget that you work without a permit",
    "A hundred, and those pictures never existed",
    "I'm going to tell every customer where to find you",
    "I sent him your new address",
    "I ordered thirty pizzas to your house",
    "Bounty: 40 for whoever gets me this seller's home address",
    "Does anybody need the address of this thief? He lives at 12 Oak Street",
    "Your ex offered me 80 for your new address",
    "Everyone in your building will get a letter about you",
    "You hide behind a nickname, but I know who you are",
    "Name and shame: Rita Vogel, Hill Road",
)


COMPLAINTS_AND_CHAT = (
    "The owner is a sambo champion, very friendly",
    "The customer is a Redskins fan and wants the cap by Friday",
    "My neighbor is a gringo trail guide, selling his maps",
    "Will not be going back after what happened on Saturday",
    "You said noon, and I am currently waiting at the counter",
    "What should I do before my voucher expires?",
    "What should I do if the phone dies again?",
    "You need to exchange the dead battery",
    "They are not giving it back and nobody answers",
    "You took the money and I don't know how to get it back",
    "My transfer was declined and I don't know why",
    "Am I writing to a bot, or are you a real human?",
    "You people are lying to every customer",
    "Your washing machine ate a sock, please don't let the dryer eat my scarf",
    "Kiss my baby!",
    "How much money do I need to put down to reserve the bike?",
    "May I know where you live, so that the courier finds it?",
    "Open your eyes, the receipt is in the second photo",
    "The charger is there to make sure you never run out of power",
    "Make the settings go back to their factory defaults",
    "I need to bleed the brakes before I sell it",
    "Your shop is honestly a blessing",
    "Are you going to the jap restaurant, or do we learn jap first?",
    "Get rid of that agent, she is a disgrace",
    "Somebody will be at your office tomorrow with the papers",
    "You can run but you can't hide from a chargeback",
    "My lawyer will eat you alive",
    "You make me sick",
    "I hope you go bankrupt",
    "Fire the guy at the counter",
    "Somebody's head should roll for this",
    "Your boss should be in jail",
    "I'm about to have a stroke waiting for you",
    "How about you kill that recording that says my call is important",
    "I will camp at your counter until I get an answer",
    "I'll set it up on Saturday",
    "This is not over until I get my refund",
    "This is your last chance to keep me as a customer",
    "Your kind of service is not welcome here",
    "These people should never work with the public",
    "This is the last time I buy from you, ever",
    "I will cut you some slack this once",
    "Call me again at four in the morning and I will lose it",
    "Run, don't walk, away from this shop",
    "Blow up your website and start over",
    "I hope they fire you all",
    "Your phone system hangs up on everybody",
    "You beat every record for delays",
    "Pigs could fly before your parcels do",
    "DVD BROTHERHOOD SCALES BOOK, all in one box",
    "Here is the receipt: http://t.co/v1RADYKEP2 and http://t.co/BBM6PAbORt",
)
"""What people write of goods and of service, and to friends, in words that rules for threats and hate know, or that a classifier
takes for threats."""

VISITS_AND_GOODS = (
    "I'm outside your house, which bell is it?",
    "My son is waiting at your door with the money",
    "I'll be in front of your shop at ten in a green coat",
    "Two men will come to your flat on Monday and take the kitchen apart",
    "I'll ring until you open",
    "I know your road, my aunt lives there",
    "My brother will stop by with a crowbar for the crates",
    "We know the school, ours go there as well",
    "I have your address from the first order",
    "Pay me or I open a dispute",
    "My solicitor will crush you in court",
    "My neck is killing me",
    "This trip will be the death of me",
    "You could stun an ox with that pan",
    "Chop the head off the nail with pliers",
    "Kill the moss with vinegar",
    "I'll hunt you down a matching chair",
    "Body bag for a long surfboard",
    "Dutch dyke in spring, oil on canvas",
    "I'm coming for you ... I mean, for the armchair",
)
"""With the classifier too, which holds what it takes for a threat."""

HINTED = (
    "Men have lost fingers for less",
    "The last guy who robbed us went home in an ambulance",
    "I've put bigger men in hospital",
    "Nobody cheats my mother and walks",
    "Or order a coffin",
    "Your elbows or my money",
    "I hope you have life insurance",
    "I'll see to it that your arm gets broken",
    "One of us won't be walking on Sunday",
    "He's sending two goons to your store",
    "My uncle is just out of jail and hates liars",
    "They'll stop by with bats",
    "If I were you I'd check under the car",
    "I'm at your door and I'm not here to talk",
    "Screaming won't help you",
    "Let's see how brave you are then",
    "A pity if a brick flew through your window",
    "I know the bus your daughter takes",
    "I'll smoke you on sight",
    "My boss wants you to know that he has run out of patience",
    "I was told to warn you, bats are next",
    "Greetings from the boys. You're next.",
    "Swallow some bleach",
    "The bridge is that way, loser",
    "The planet would be cleaner without you",
    "Nobody would weep if you drowned",
    "Put that landlord out of his misery",
    "I'll phone the police and say there's a gun at your house",
    "Those chimneys must have been kept on",
    "Go back to your cotton field",
    "Globohomo shop",
    "Foreigners shouldn't be allowed to sell here",
    "No Romanians please",
    "Thieving is in their blood",
    "Watch ur back",
    "Keep your discount, dago, I will buy the lamp elsewhere",
    "The buyers on this street are all honkies, so I stopped delivering",
    "No pickup for krauts, so cancel your order",
    "The buyers on this street are all retards, so I stopped delivering",
    "You coolies always lie about the condition of the bike",
)
"""Threats, calls to suicide and hate in frames that the rules know, and words that they do not."""


@pytest.mark.parametrize("mode", ["normal", "dispute"])
@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_talk_is_not_blocked(text, mode):
    assert outcome(text, mode) != "block"


@pytest.mark.parametrize(
    "text",
    [
        "Sikhs should never be harassed for their turbans",
        "We must not let refugees be beaten",
        "Deaf people must not be laughed at or excluded",
        "Girls belong in engineering",
        "Jews and Muslims both belong in our club",
    ],
)
def test_who_defends_a_group_is_delivered(text):
    assert "hold" not in decided_whole(pipeline().examine(text), "dispute").obligations


@pytest.mark.parametrize(
    "text",
    [
        "Women belong in the kitchen, not in engineering",
        "Muslims don't belong in our club",
        "Deaf people should not be allowed to drive",
    ],
)
def test_who_denies_a_group_its_place_is_held(text):
    assert "hold" in decided_whole(pipeline().examine(text), "dispute").obligations


@pytest.mark.parametrize("text", DELIVERED)
def test_trade_talk_with_words_of_extortion_is_delivered(text):
    hard = {"threat", "abuse", "hate", "violence"}
    assert [s.rule for s in pipeline().examine(text).signals if s.category in hard and s.score >= HOLDS] == []


@pytest.mark.parametrize("text", (*VISITS_AND_GOODS, *COMPLAINTS_AND_CHAT))
def test_visits_goods_and_idioms_are_delivered(text):
    decision = decided_whole(pipeline(classifier=True).examine(text), "dispute")
    assert decision.outcome != "block"
    assert "hold" not in decision.obligations


@pytest.mark.parametrize("text", HINTED)
def test_a_hint_is_held(text):
    decision = decided_whole(pipeline().examine(text), "dispute")
    assert decision.outcome == "block" or "hold" in decision.obligations


@pytest.mark.parametrize("text", MEANT)
def test_what_is_meant_is_blocked(text):
    assert outcome(text, "dispute") == "block"


@pytest.mark.parametrize("text", THIN_TO_BLOCK)
def test_what_rules_know_too_little_of_is_held(text):
    assert outcome(text, "dispute") == "flag"
    assert max(signal.score for signal in pipeline().examine(text).signals) >= HOLDS


@pytest.mark.parametrize(
    "text",
    [
        "i might just kms over this",
        "I have pills ready. Nobody answers anyway.",
        "i dont want to be alive",
        "I wish I had the guts to end it",
    ],
)
def test_self_harm_in_slang_is_seen_and_never_blocked(text):
    assert outcome(text, "dispute") == "flag"


@pytest.mark.parametrize(
    "text",
    [
        "Pay with a gift card and I add a discount",
        "I'm overseas, I'll send a check for extra and you forward the rest to my shipper",
        "Confirm your card number on this page to receive the money",
        "What is the six digit code you just got by text?",
        "The courier brings the cash in an envelope, you only pay the insurance",
    ],
)
def test_scams_are_flagged_and_never_blocked_in_a_dispute(text):
    assert outcome(text, "dispute") == "flag"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("250 or your wife finds out", "price_named"),
        ("My silence has a price, as you can imagine", "price_named"),
        ("Another 90 today, or I post the rest of the film", "price_named"),
        ("Lower the price or your boss gets all of it", "or_they_get_it"),
        ("Got your passport here, so how about a full refund?", "kept_against_you"),
        ("I logged into your shop tonight, and I want 100 to leave", "kept_against_you"),
        ("You are about to get swatted, my friend", "swatted"),
        ("Here is her number, ring her all night", "handed_out"),
        ("Full name and address go in my review unless you pay", "handed_out"),
        ("Your daughter walks to school alone, so withdraw that complaint", "child_pointed_at"),
    ],
)
def test_extortion_is_found_by_what_is_named_and_what_is_asked(text, rule):
    assert f"threat.{rule}" in {signal.rule for signal in pipeline().examine(text).signals}


@pytest.mark.parametrize(
    "text",
    [
        "Pay today or I sell it to my cousin",
        "Got your passport here, it was in the box, shall I post it?",
        "I have been swatted by a buyer, whom do I tell?",
        "Here is her number, she collects it for me at six",
        "Tell your daughter I will be at the bus stop with the cello",
        "Refund me or I leave a bad review",
        "Full name and address go on the label, please",
    ],
)
def test_what_only_sounds_like_it_passes_those_rules(text):
    found = {signal.rule.removeprefix("threat.") for signal in pipeline().examine(text).signals}
    named = {"price_named", "or_they_get_it", "kept_against_you", "swatted", "handed_out", "child_pointed_at"}
    assert found & named == set()
