"""Anonymous conversations: answered, signed, bound to one browser and expiring. These tests have no database access."""

import shutil

import pytest
import structlog
from django.core.signing import Signer, b64_decode

from marketplace.assistant.ephemeral.tokens import MAX_COOKIE, MAX_STATE, MAX_TURNS, read_state
from tests.api.callers import Caller, problem_of, refusal_of
from tests.editable_policies import copy_policies
from tests.marketplace.assistant.test_services import ODD, Odd
from tests.marketplace.moderation.words import ITALIAN

UNKNOWN = (409, "session-unknown")


def test_question_is_answered_and_nothing_but_a_number_is_in_the_cookie(say, clock, anonymous):
    answered = say("Why is the chat locked?")

    reply = answered["reply"]
    assert (reply["topic"], reply["decision"], answered["support"]) == ("chat-locked", None, None)
    assert reply["suggestions"] == ["How do I open a dispute?", "Can I take my confirmation back?"]
    assert answered["expires_at"] == "2026-11-01T12:30:00.000000Z"
    cookie = anonymous.client.cookies["asst"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"], cookie["expires"]) == (
        True,
        "Lax",
        "/",
        "",
        "",
    )
    assert len(cookie.value) <= MAX_COOKIE
    content = b64_decode(Signer(salt="assistant.ephemeral.cookie").unsign(cookie.value).encode())
    assert b"locked" not in content


def test_cookie_is_bound_to_the_host_where_https_is_spoken(base, settings, anonymous):
    settings.SESSION_COOKIE_SECURE = True
    anonymous.post(f"{base}/ephemeral/messages", {"text": "Hello"})
    cookie = anonymous.client.cookies["__Host-asst"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_answer_is_kept_by_nobody_on_the_way(base, anonymous):
    response = anonymous.post(f"{base}/ephemeral/messages", {"text": "Hello"})
    assert response["Cache-Control"] == "no-store"


def test_conversation_goes_on_with_its_state(say):
    first = say("Can I review?", product_id=7)
    second = say("Why?", state=first["state"], product_id=8)

    assert second["reply"]["topic"] == "review"
    transcript = read_state(second["state"])
    assert (transcript.product_id, transcript.count) == (7, 2)
    assert [turn.text for turn in transcript.turns if turn.speaker == "user"] == ["Can I review?", "Why?"]


def test_new_tab_begins_anew_in_the_same_session(say):
    first, second = say("Can I review?"), say("Why?")
    assert second["reply"]["topic"] == "unknown"
    assert read_state(first["state"]).session_id == read_state(second["state"]).session_id


def test_blocked_text_is_not_answered_and_the_policy_says_why(say):
    document = problem_of(say("threat:0.99"))
    assert (document["status"], document["code"], document["policy"]) == (
        403,
        "blocked",
        "moderation_profiles",
    )


def test_flagged_text_is_answered(say):
    assert say(f"{ITALIAN} spam:0.6 review")["reply"]["topic"] == "review"


def test_somebody_in_distress_is_shown_support(say):
    assert say("self_harm:0.6")["support"]


def test_decisions_go_to_the_log_without_a_name(say):
    with structlog.testing.capture_logs() as lines:
        say("Can I review?")
    decided = [line for line in lines if line["event"] == "decision"]
    assert [(line["policy"], line["recorded"], line["actor_id"]) for line in decided] == [
        ("assistant_session@1", False, None),
        ("moderation_profiles@1", False, None),
    ]
    assert "review?" not in str(lines)


def test_silence_of_half_an_hour_ends_it(say, clock):
    state = say()["state"]
    clock.forward(minutes=30, microseconds=-1)
    state = say(state=state)["state"]
    clock.forward(minutes=30)
    assert refusal_of(say(state=state)) == UNKNOWN  # the cookie has expired too
    assert say()["reply"]["topic"] == "review"


def test_two_hours_are_the_longest(say, clock, base, anonymous):
    answered = say()
    for _ in range(5):
        clock.forward(minutes=20)
        answered = say(state=answered["state"])
    assert answered["expires_at"] == "2026-11-01T14:00:00.000000Z"
    clock.forward(minutes=20)
    assert refusal_of(say(state=answered["state"])) == UNKNOWN
    assert anonymous.get(f"{base}/session").json()["expires_at"] is None


def test_conversation_of_one_tab_is_not_kept_alive_by_another(say, clock):
    silent, lively = say()["state"], say()["state"]
    clock.forward(minutes=20)
    say(state=lively)
    clock.forward(minutes=20)
    assert refusal_of(say(state=silent)) == (409, "session-idle")


def test_transcript_of_another_browser_is_unknown(say):
    stranger = Caller()
    state = say()["state"]
    assert refusal_of(say(caller=stranger, state=state)) == UNKNOWN  # without a cookie
    say(caller=stranger)
    assert refusal_of(say(caller=stranger, state=state)) == UNKNOWN  # with its own


def test_state_is_no_cookie_and_the_cookie_no_state(say, anonymous):
    state, cookie = say()["state"], anonymous.client.cookies["asst"].value
    assert refusal_of(say(state=cookie)) == UNKNOWN
    anonymous.client.cookies["asst"] = state
    assert refusal_of(say(state=state)) == UNKNOWN


def test_key_that_signed_neither_is_believed_by_neither(say, settings):
    state = say()["state"]
    settings.SECRET_KEY = "another " * 8
    assert refusal_of(say(state=state)) == UNKNOWN


def test_key_that_was_replaced_is_believed_while_it_is_named(say, settings):
    state = say()["state"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another " * 8, [settings.SECRET_KEY]
    assert say(state=state)["reply"]["topic"] == "review"


@pytest.mark.parametrize(
    "text", ["x" * 4_000, "😀" * 4_000, "\u0001" * 3_999 + "x"], ids=["plain", "emoji", "escaped"]
)
def test_state_and_cookie_stay_small_whatever_is_said(say, anonymous, text):
    state = None
    for _ in range(12):
        state = say(text, **({"state": state} if state else {}))["state"]
        assert len(state) <= MAX_STATE
    assert len(read_state(state).turns) <= MAX_TURNS
    assert len(anonymous.client.cookies["asst"].value) <= MAX_COOKIE


def test_twenty_turns_are_remembered(say):
    state = None
    for number in range(12):
        state = say(f"Hello {number}", **({"state": state} if state else {}))["state"]
    said = [turn.text for turn in read_state(state).turns if turn.speaker == "user"]
    assert said == [f"Hello {number}" for number in range(2, 12)]
    assert read_state(state).count == 12


def test_idempotency_key_means_nothing_where_nothing_is_stored(base, anonymous):
    body = {"text": "Hello"}
    answers = [
        anonymous.post(f"{base}/ephemeral/messages", body, **{"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("Idempotency-Replayed" not in answer for answer in answers)


def test_address_and_session_are_held_to_a_rate(say, settings, anonymous):
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "assistant": "2/min"}
    stranger = Caller()
    assert "reply" in say()
    assert "reply" in say(caller=stranger)
    refused = say()
    assert refusal_of(refused) == (429, "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 61


def test_session_is_held_to_its_rate_from_every_address(base, settings, anonymous):
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "assistant": "2/min"}
    codes = [
        anonymous.client.post(
            f"{base}/ephemeral/messages", {"text": "Hi"}, "application/json", REMOTE_ADDR=f"10.0.0.{n}"
        ).status_code
        for n in range(4)
    ]
    assert codes == [200, 200, 200, 429]  # the first one had no session yet


def test_session_gives_lane_and_expiry(base, say, clock, anonymous):
    path = f"{base}/session"
    body = anonymous.get(path).json()
    assert body == {
        "lane": "ephemeral",
        "authenticated": False,
        "user": None,
        "expires_at": None,
        "message": "Nothing of this conversation is kept. It ends with the page, or after 30 minutes of silence.",
        "inbox": None,
    }
    assert "asst" not in anonymous.client.cookies
    say()
    clock.forward(minutes=10)
    assert anonymous.get(path).json()["expires_at"] == "2026-11-01T12:30:00.000000Z"


def test_settings_are_what_the_topics_open_with(base, anonymous):
    body = anonymous.get(f"{base}/settings").json()
    assert body["greeting"].startswith("Hello!")
    assert (len(body["suggestions"]), body["max_text"], body["max_turns"]) == (3, 4_000, MAX_TURNS)


@pytest.mark.parametrize(
    "path", ["/conversations", "/conversations/1", "/conversations/1/messages", "/conversations/1/export"]
)
def test_there_is_no_inbox(base, anonymous, path):
    assert refusal_of(anonymous.get(base + path)) == (401, "unauthenticated")


def test_without_topics_a_message_is_answered_with_regret_and_settings_are_unavailable(
    base, say, settings, tmp_path, anonymous
):
    settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "policies")
    shutil.rmtree(settings.COMITY_POLICIES_DIR / "assistant")
    assert say()["reply"]["topic"] == "trouble"
    refused = anonymous.get(f"{base}/settings")
    assert refusal_of(refused) == (503, "unavailable")
    assert refused["Retry-After"] == "2"


@pytest.mark.parametrize("reply", ODD, ids=repr)
def test_responder_that_gives_no_answer_is_answered_for(say, settings, monkeypatch, reply):
    settings.ASSISTANT_RESPONDER = f"{Odd.__module__}.Odd"
    monkeypatch.setattr(Odd, "reply", reply)
    assert say()["reply"]["topic"] == "trouble"
