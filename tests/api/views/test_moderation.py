"""Text preview and the review queue over HTTP, for moderators."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.signing import Signer

from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.moderation.models import Insult, QueueItem
from marketplace.reviews.models import Review
from tests.api.callers import Caller, make_caller, make_chat, problem_of, refusal_of, write_review
from tests.growth import check_growth
from tests.marketplace.accounts.test_erasure import everything_stored
from tests.sampling import sample

PREVIEW = "/api/v1/moderation/preview"
QUEUE = "/api/v1/moderation/queue"

HELD = "threat:0.9+classifier"
REPORT = "He wrote threat:1.0+reported"


def test_preview_says_what_was_found_and_why_each_profile_decides_so(moderator: Caller) -> None:
    text = "🪑 You spam:0.6 and threat:0.8"

    response = moderator.post(PREVIEW, {"text": text, "modes": ["dispute"], "explain": True})

    body = response.json()
    assert response.status_code == 200
    assert (body["language"], body["unavailable"], list(body["decisions"])) == ("english", [], ["dispute"])
    assert [text[signal["start"] : signal["end"]] for signal in body["signals"]] == ["spam:0.6", "threat:0.8"]
    assert body["signals"][0] == {
        "category": "spam",
        "score": 0.6,
        "start": 6,
        "end": 14,
        "detector": "lexicon",
        "version": "words.1",
        "rule": "spam.word",
        "reported": False,
        "quoted": False,
    }
    decision = body["decisions"]["dispute"]
    assert (decision["outcome"], decision["rule"]) == ("block", "blocked[dispute/threat]")
    stopped = {rule["id"]: rule.get("stopped_by") for rule in decision["explanation"]["rules"]}
    assert stopped["flagged[dispute/spam]"]["values"]["row.flag"] == 0.7
    assert text not in response.text
    assert decision["counterfactuals"] is None


def test_preview_says_what_would_change_it_when_asked(moderator: Caller) -> None:
    response = moderator.post(PREVIEW, {"text": "You spam:0.95", "counterfactuals": True})

    decisions = response.json()["decisions"]
    assert decisions["normal"]["counterfactuals"]["found"] != []
    assert decisions["dispute"]["outcome"] == "flag"


def test_preview_is_short_unless_an_explanation_is_asked_for(moderator: Caller) -> None:
    response = moderator.post(PREVIEW, {"text": "You threat:0.8"})

    assert [one["outcome"] for one in response.json()["decisions"].values()] == ["block", "block"]
    assert len(response.content) < 4_000


def test_preview_is_recorded_nowhere(moderator: Caller) -> None:
    moderator.post(PREVIEW, {"text": f"{HELD} {REPORT} insult:0.6"})

    assert [model.objects.count() for model in (DecisionRecord, QueueItem, Insult)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": "x" * 4_001}, "/text"),
        ({"text": "x", "modes": []}, "/modes"),
        ({"text": "x", "modes": ["loud"]}, "/modes/0"),
        ({"text": "x", "modes": ["normal", "normal"]}, "/modes"),
        ({"text": "x", "mode": "normal"}, "/mode"),
    ],
)
def test_unfit_preview_is_refused(body: Any, pointer: str, moderator: Caller) -> None:
    response = moderator.post(PREVIEW, body)

    assert refusal_of(response) == (422, "invalid-request")
    assert [error["pointer"] for error in problem_of(response)["errors"]] == [pointer]


@pytest.mark.parametrize("role", ["staff", *Role])
def test_moderation_is_for_moderators(role: str, db: None) -> None:
    is_staff = role == "staff"
    caller = make_caller("somebody", Role.BUYER if is_staff else Role(role), is_staff=is_staff)

    answers = [
        caller.post(PREVIEW, {"text": "Hello"}),
        caller.get(QUEUE),
        caller.post(f"{QUEUE}/1/claim"),
        caller.post(f"{QUEUE}/1/release"),
        caller.post(f"{QUEUE}/1/resolve", {"verdict": "uphold", "reason": "Seen."}),
    ]

    may = role == Role.MODERATOR
    assert [answer.status_code for answer in answers] == ([200, 200, 404, 404, 404] if may else [403] * 5)


def test_queue_shows_the_urgent_first_with_text_spans_and_decision(
    buyer: Caller, moderator: Caller, messages: str
) -> None:
    sent = [buyer.post(messages, {"text": text}).json() for text in ("spam:0.6", REPORT, "spam:0.7", HELD)]

    items = moderator.get(QUEUE).json()["items"]

    assert [item["text"] for item in items] == [REPORT, HELD, "spam:0.6", "spam:0.7"]
    assert [(item["urgent"], item["held"], item["state"]) for item in items] == [
        (True, False, "open"),
        (True, True, "open"),
        (False, False, "open"),
        (False, False, "open"),
    ]
    record = DecisionRecord.objects.get(rule="reported")
    first = items[0]
    assert first == {
        "id": QueueItem.objects.get(decision=record).pk,
        "kind": "chat_message",
        "subject_id": sent[1]["id"],
        "thread": {"kind": "chat", "id": int(messages.split("/")[4])},
        "author_id": buyer.id,
        "text": REPORT,
        "language": "english",
        "signals": first["signals"],
        "flag": {
            "record_id": record.pk,
            "policy": "moderation_profiles",
            "version": 1,
            "revision": 0,
            "in_force_at": sent[1]["sent_at"],
            "digest": record.digest,
            "rule": "reported",
            "reason": "reported",
            "message": "Thank you for telling us. Somebody of our team will look at what you report.",
        },
        "urgent": True,
        "held": False,
        "blocked": False,
        "created_at": sent[1]["sent_at"],
        "state": "open",
        **dict.fromkeys(
            [
                "claimed_by",
                "claimed_at",
                "verdict",
                "reason",
                "resolved_by",
                "resolved_at",
                "final_verdict",
            ]
        ),
    }
    [signal] = first["signals"]
    assert (REPORT[signal["start"] : signal["end"]], signal["reported"]) == ("threat:1.0+reported", True)


def test_item_is_resolved_for_a_reason_that_the_policy_lists(
    buyer: Caller, moderator: Caller, messages: str
) -> None:
    buyer.post(messages, {"text": "spam:0.6"})
    item = moderator.get(QUEUE).json()["items"][0]["id"]
    moderator.post(f"{QUEUE}/{item}/claim")
    ruling = {"verdict": "uphold", "reason": "Third time."}
    for because in ("harmless", "boredom"):
        answer = moderator.post(f"{QUEUE}/{item}/resolve", ruling | {"because": because})
        assert refusal_of(answer) == (403, "reason-not-listed")
    resolved = moderator.post(f"{QUEUE}/{item}/resolve", ruling | {"because": "spam"}).json()
    assert resolved["reason"] == "It advertises, or leads off the marketplace. Third time."
    record = DecisionRecord.objects.get(rule="resolve-allowed")
    assert (record.facts["because"], record.facts["verdict"]) == ("spam", "uphold")


def test_queue_is_walked_in_order_and_filtered_by_state(
    buyer: Caller, moderator: Caller, messages: str
) -> None:
    for text in ("spam:0.6", REPORT, "spam:0.7", HELD, "spam:0.8"):
        buyer.post(messages, {"text": text})
    walked, cursor = [], ""
    while cursor is not None:
        page = moderator.get(f"{QUEUE}?limit=2&state=open{cursor and f'&cursor={cursor}'}").json()
        walked.append([item["text"] for item in page["items"]])
        cursor = page["next"]
    assert walked == [[REPORT, HELD], ["spam:0.6", "spam:0.7"], ["spam:0.8"]]

    first = moderator.get(QUEUE).json()["items"][0]["id"]
    moderator.post(f"{QUEUE}/{first}/claim")
    states = {
        state: len(moderator.get(f"{QUEUE}?state={state}").json()["items"])
        for state in ("open", "claimed", "resolved")
    }
    assert states == {"open": 4, "claimed": 1, "resolved": 0}
    assert refusal_of(moderator.get(f"{QUEUE}?state=lost")) == (422, "invalid-request")


def test_queue_takes_a_known_number_of_queries(
    buyer: Caller, moderator: Caller, sold: dict[str, Any], seller: Caller, django_assert_num_queries: Any
) -> None:
    lamp = make_chat(buyer, seller)
    for number in range(3):
        buyer.post(lamp, {"text": f"{REPORT} {number}"})
    write_review(buyer, sold, REPORT)

    # token, items with their records, texts of messages, texts of reviews
    with django_assert_num_queries(4):
        items = moderator.get(QUEUE).json()["items"]

    assert [item["kind"] for item in items] == ["chat_message"] * 3 + ["review"]
    assert items[3]["subject_id"] == Review.objects.get().pk
    assert items[3]["thread"] == {"kind": "product", "id": sold["product_id"]}


def test_item_is_claimed_by_one_and_resolved_by_that_one_once(
    buyer: Caller, moderator: Caller, messages: str
) -> None:
    other = make_caller("mia", Role.MODERATOR)
    buyer.post(messages, {"text": REPORT})
    [item] = moderator.get(QUEUE).json()["items"]
    claim, settle = f"{QUEUE}/{item['id']}/claim", f"{QUEUE}/{item['id']}/resolve"
    ruling = {"verdict": "overturn", "reason": "A report, to be kept."}

    assert refusal_of(moderator.post(settle, ruling)) == (409, "not-claimed")
    claimed = moderator.post(claim).json()
    assert (claimed["state"], claimed["claimed_by"]) == ("claimed", moderator.id)
    assert moderator.post(claim).json() == claimed
    assert refusal_of(other.post(claim)) == (409, "already-claimed")
    assert refusal_of(other.post(settle, ruling)) == (409, "not-claimed")

    resolved = moderator.post(settle, ruling).json()
    assert resolved == {
        **claimed,
        "state": "resolved",
        **ruling,
        "resolved_by": moderator.id,
        "resolved_at": resolved["resolved_at"],
    }
    assert resolved["resolved_at"] is not None
    for caller in (moderator, other):
        assert refusal_of(caller.post(settle, {**ruling, "verdict": "uphold"})) == (409, "already-resolved")
        assert refusal_of(caller.post(claim)) == (409, "already-resolved")


def test_claimed_item_is_given_back_by_its_claimer(buyer: Caller, moderator: Caller, messages: str) -> None:
    other = make_caller("mia", Role.MODERATOR)
    buyer.post(messages, {"text": REPORT})
    [item] = moderator.get(QUEUE).json()["items"]
    claim, release = (f"{QUEUE}/{item['id']}/{act}" for act in ("claim", "release"))

    assert refusal_of(moderator.post(release)) == (409, "nothing-to-release")
    moderator.post(claim)
    denied = other.post(release)
    assert refusal_of(denied) == (409, "claimed-by-another")
    assert problem_of(denied)["policy"] == "moderation_queue"
    assert moderator.post(release).json() == item
    assert other.post(claim).json()["claimed_by"] == other.id


def test_own_words_are_for_another_moderator(moderator: Caller, buyer: Caller, messages: str) -> None:
    buyer.post(messages, {"text": REPORT})
    [item] = moderator.get(QUEUE).json()["items"]
    buyer.user.role = Role.MODERATOR
    buyer.user.save()

    assert refusal_of(buyer.post(f"{QUEUE}/{item['id']}/claim")) == (403, "own-words")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"verdict": "uphold"}, "/reason"),
        ({"verdict": "uphold", "reason": " "}, "/reason"),
        ({"verdict": "delete", "reason": "Seen."}, "/verdict"),
    ],
)
def test_ruling_needs_a_verdict_and_a_reason(body: Any, pointer: str, moderator: Caller) -> None:
    response = moderator.post(f"{QUEUE}/1/resolve", body)

    assert refusal_of(response) == (422, "invalid-request")
    assert [error["pointer"] for error in problem_of(response)["errors"]] == [pointer]


def fill_queue(author: int, first: int, count: int) -> None:
    """Reviews without a text, half of them urgent, nine of ten resolved."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    records = DecisionRecord.objects.bulk_create(
        DecisionRecord(
            policy="moderation_profiles",
            version=1,
            digest="sha256:0",
            outcome="flag",
            rule="reported",
            subject_kind="review",
            facts={},
            duration_us=1,
            decided_at=at,
        )
        for _ in range(count)
    )
    judge = {"claimed_by_id": User.objects.get(username="max").pk, "claimed_at": at}
    resolved = {
        **judge,
        "state": "resolved",
        "verdict": "uphold",
        "reason": "Seen.",
        "resolved_by_id": judge["claimed_by_id"],
        "resolved_at": at,
    }
    QueueItem.objects.bulk_create(
        QueueItem(
            kind="review",
            thread_kind="product",
            thread_id=1,
            author_id=author,
            decision=record,
            flagged_for="reported",
            message_shown="",
            urgent=(first + i) % 2 == 0,
            held=False,
            language="english",
            signals=[],
            created_at=at,
            **(resolved if i % 10 else {}),
        )
        for i, record in enumerate(records)
    )


@pytest.mark.parametrize("state", sample(["", "&state=open", "&state=resolved"], every=3))
@pytest.mark.parametrize("behind", sample([None, (True, 200), (False, 300)], every=3))
def test_queue_costs_the_same_however_long_it_is(
    buyer: Caller, moderator: Caller, state: str, behind: tuple[bool, int] | None
) -> None:
    """For the first page, among urgent items and among the others."""
    fill_queue(buyer.id, 0, 400)
    path = f"{QUEUE}?limit=5{state}"
    if behind:
        urgent, place = behind
        key = [urgent, QueueItem.objects.order_by("pk")[place].pk]
        path += f"&cursor={Signer(salt=f'api.cursor:{QUEUE}').sign_object(key)}"
    check_growth(
        lambda: moderator.get(path),
        lambda: fill_queue(buyer.id, 400, 1_200),
        "moderation_queueitem",
    )


def test_moderator_reads_a_text_on_record(moderator: Caller, buyer: Caller, seller: Caller) -> None:
    path_of_chat = make_chat(buyer, seller)
    message = buyer.post(path_of_chat, {"text": "Is it oak?"}).json()["id"]
    path = f"/api/v1/moderation/texts/{message}?kind=chat_message"

    assert refusal_of(moderator.get(path)) == (403, "reason-needed")
    response = moderator.get(f"{path}&reading_for=danger")

    assert (response.status_code, response.json()["text"]) == (200, "Is it oak?")
    assert (response.json()["cause"], response.json()["author_id"]) == ("nothing", buyer.user.pk)
    assert str(DecisionRecord.objects.get(rule="read-with-reason").pk) in response["Comity-Decision"]
    assert refusal_of(moderator.get("/api/v1/moderation/texts/999?kind=chat_message"))[0] == 404


def test_blocked_text_is_in_no_log_metric_table_or_kept_answer(
    moderator: Caller, buyer: Caller, seller: Caller, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    path_of_chat = make_chat(buyer, seller)
    with caplog.at_level(0):
        for key in "abcd":  # the third one queues an item
            sent = buyer.post(path_of_chat, {"text": "quokka threat:0.99"}, **{"Idempotency-Key": key})
        [item] = moderator.get(QUEUE).json()["items"]
        claimed = moderator.post(f"{QUEUE}/{item['id']}/claim", **{"Idempotency-Key": "a"})
        read = moderator.get(f"/api/v1/moderation/texts/{item['subject_id']}?kind=blocked_text")
        metrics = moderator.get("/metrics")
    assert refusal_of(sent) == (409, "pause")
    assert (claimed.status_code, claimed.json()["blocked"], claimed.json()["text"]) == (200, True, "")
    assert (read.status_code, read.json()["text"]) == (200, "quokka threat:0.99")
    said = caplog.text + repr([record.__dict__ for record in caplog.records]) + "".join(capfd.readouterr())
    assert "keep-blocked" in said
    for told in (said, metrics.content.decode(), sent.content.decode(), everything_stored()):
        assert "quokka" not in told
