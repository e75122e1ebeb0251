"""Thousands of forged cookies and transcripts: none is accepted, and none causes an error."""

import random
import string

import pytest
from django.core.signing import Signer, TimestampSigner

from marketplace.assistant.ephemeral.tokens import read_cookie, read_state
from tests.api.callers import Caller

pytestmark = pytest.mark.usefixtures("unlimited")

ALPHABET = string.ascii_letters + string.digits + "-_:.=+/%\x7f \x00é\U0001f600"


def mutate(text: str, chance: random.Random) -> str:
    """A different text, usually similar."""
    place = chance.randrange(len(text))
    other = chance.choice([c for c in ALPHABET if c != text[place]])
    content, _, signature = text.rpartition(":")
    mutants = [
        text[:place] + other + text[place + 1 :],
        text[:place] + other + text[place:],
        text[:place] + text[place + 1 :],
        text[:place],
        text[place:] + text[:place],
        text + other,
        other + text,
        text.swapcase(),
        content,
        content + ":",
        ":" + signature,
        signature + ":" + content,
        content + ":" + "".join(chance.choices(string.ascii_letters, k=43)),
        Signer(salt="another").sign(content),
        Signer(key="another key", salt="assistant.ephemeral.state").sign(content),
        TimestampSigner(salt="assistant.ephemeral.state").sign(content),
        content + "=" + ":" + signature,
        text + ":" + signature,
        "".join(chance.choices(ALPHABET, k=chance.randrange(1, 200))),
    ]
    return chance.choice([mutant for mutant in mutants if mutant and mutant != text])


def header_safe(text: str) -> str:
    """Only characters that a cookie header can carry."""
    return "".join(c if c.isascii() and c.isprintable() and c not in '"\\;, ' else "~" for c in text)


def test_no_mutant_is_accepted_and_none_breaks_anything(base, scale):
    chance = random.Random(scale.anonymous)
    caller = Caller()
    path = f"{base}/ephemeral/messages"
    good = caller.post(path, {"text": "Hi"}).json()["state"]
    cookie = caller.client.cookies["asst"].value
    session_id = read_state(good).session_id
    seen = set()
    for turn in range(scale.anonymous):
        caller.client.cookies.clear()
        if turn % 2:
            caller.client.cookies["asst"] = cookie
            response = caller.post(path, {"text": "Hi", "state": mutate(good, chance)})
            seen.add(("state", response.status_code))
            continue
        mutant = header_safe(mutate(cookie, chance))
        caller.client.cookies["asst"] = mutant
        response = caller.post(path, {"text": "Hi", **({"state": good} if turn % 4 else {})})
        seen.add(("cookie", response.status_code))
        if response.status_code == 200:
            assert not turn % 4
            assert read_state(response.json()["state"]).session_id != session_id, mutant
    # A transcript with a forbidden character, or of more than 16 KB, is already invalid for the contract.
    assert seen <= {("state", 409), ("state", 422), ("cookie", 409), ("cookie", 200)}
    assert {("state", 409), ("cookie", 409), ("cookie", 200)} <= seen


def test_originals_are_accepted_after_all(base):
    """Shows that the test above can fail."""
    caller = Caller()
    path = f"{base}/ephemeral/messages"
    state = caller.post(path, {"text": "Hi"}).json()["state"]
    assert caller.post(path, {"text": "Hi", "state": state}).status_code == 200


def test_readers_refuse_what_is_too_long_without_looking(clock):
    long = Signer(salt="assistant.ephemeral.cookie").sign("W10")
    assert read_cookie(long + "x" * 200, now=clock.now) is None
    assert read_cookie(long, now=clock.now) is None
    assert read_state("x" * 20_000) is None
