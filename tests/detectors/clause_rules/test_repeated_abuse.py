"""Three insulting words directed at a person are abuse, unless they are about things or oneself, or spread over reports."""

import pytest

from tests.detectors.shipped import rules_of


@pytest.mark.parametrize(
    ("text", "is_abuse"),
    [
        ("You idiot, you liar, you thief.", True),
        ("You are an idiot. You are a liar. You are a clown.", True),
        ("You are an idiot and a liar.", False),
        ("You useless, lying, brainless idiot.", False),
        ("You are a liar and a cheat, and I hope that nobody buys from you.", False),
        ("You are an idiot. The lamp is stupid, the box is dumb, the manual is moronic.", False),
        ("The lamp is stupid, dumb and ridiculous.", False),
        ("I am an idiot, a fool and a clown.", False),
        ("He called me an idiot, a liar and a thief.", False),
    ],
)
def test_repeated_insults(text, is_abuse):
    assert ("abuse.repeated" in rules_of(text)) is is_abuse
