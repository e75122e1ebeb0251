"""Everyday trade and complaint talk that sounds like what is blocked, and the same words when they are meant."""

import pytest

from tests.detectors.shipped import outcome, pipeline

HOLDS = 0.45

HARMLESS = (
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
)


@pytest.mark.parametrize("mode", ["normal", "dispute"])
@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_talk_is_not_blocked(text, mode):
    assert outcome(text, mode) != "block"


@pytest.mark.parametrize("text", MEANT)
def test_what_is_meant_is_blocked(text):
    assert outcome(text, "dispute") == "block"


@pytest.mark.parametrize("text", THIN_TO_BLOCK)
def test_what_rules_know_too_little_of_is_held(text):
    assert outcome(text, "dispute") == "flag"
    assert max(signal.score for signal in pipeline().examine(text).signals) >= HOLDS


@pytest.mark.parametrize("text", ["i might just kms over this", "I have pills ready. Nobody answers anyway."])
def test_self_harm_in_slang_is_seen_and_never_blocked(text):
    assert outcome(text, "dispute") == "flag"


@pytest.mark.parametrize(
    "text",
    [
        "Pay with a gift card and I add a discount",
        "I'm overseas, I'll send a check for extra and you forward the rest to my shipper",
        "Confirm your card number on this page to receive the money",
    ],
)
def test_scams_are_flagged_and_never_blocked_in_a_dispute(text):
    assert outcome(text, "dispute") == "flag"
