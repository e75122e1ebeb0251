"""Claiming, releasing and ruling: the policy decides and records each, and the database enforces it."""

import re
from datetime import timedelta

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.chats.services import send_message
from marketplace.errors import Refused
from marketplace.moderation.models import QueueItem, Verdict
from marketplace.moderation.reviewing import claim_item, release_item, resolve_item
from tests.editable_policies import copy_policies
from tests.marketplace.factories import LATER, NOW, make_user

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)
OPEN = ("open", None, None)
# A denial is committed with its record, which the transaction of a test would roll back.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def item(order, bea) -> QueueItem:
    return send_message(author=bea, chat_id=order.chat_id, text="spam:0.6", now=NOW).queue_item


@pytest.fixture
def boss(db):
    boss = make_user("boss", Role.MODERATOR)
    boss.is_staff = True
    boss.save()
    return boss


def resolve(moderator, item, *, now=LATER) -> QueueItem:
    return resolve_item(moderator=moderator, item_id=item.pk, verdict=Verdict.UPHOLD, reason="Seen.", now=now)


def denial(act) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return denied.value.decision.rule


def claim_of(item) -> tuple[str, int | None, object]:
    item.refresh_from_db()
    return item.state, item.claimed_by_id, item.claimed_at


def records() -> list[tuple[str, str, int | None]]:
    kept = DecisionRecord.objects.filter(policy="moderation_queue", subject_kind="queue_item").order_by("pk")
    return list(kept.values_list("outcome", "rule", "actor_id"))


def test_every_act_is_decided_on_record(item, max_, mia):
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    assert denial(lambda: claim_item(moderator=mia, item_id=item.pk, now=NOW)) == "already-claimed"
    release_item(moderator=max_, item_id=item.pk, now=NOW)
    claim_item(moderator=mia, item_id=item.pk, now=NOW)
    resolve(mia, item)
    assert denial(lambda: resolve(mia, item)) == "already-resolved"
    assert records() == [
        ("allow", "claim-allowed", max_.pk),
        ("deny", "already-claimed", mia.pk),
        ("allow", "release-allowed", max_.pk),
        ("allow", "claim-allowed", mia.pk),
        ("allow", "resolve-allowed", mia.pk),
        ("deny", "already-resolved", mia.pk),
    ]


def test_claiming_again_keeps_the_first_moment(item, max_):
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    claim_item(moderator=max_, item_id=item.pk, now=LATER)
    assert claim_of(item) == ("claimed", max_.pk, NOW)


def test_released_item_is_open_for_anybody(item, max_, mia):
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    assert release_item(moderator=max_, item_id=item.pk, now=LATER).state == "open"
    assert claim_of(item) == OPEN
    assert denial(lambda: resolve(max_, item)) == "not-claimed"
    assert denial(lambda: release_item(moderator=max_, item_id=item.pk, now=LATER)) == "nothing-to-release"
    assert claim_item(moderator=mia, item_id=item.pk, now=LATER).claimed_by == mia


def test_claim_of_another_moderator_lasts_a_day(item, max_, mia):
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    early = denial(lambda: release_item(moderator=mia, item_id=item.pk, now=NOW + DAY - SECOND))
    assert (early, claim_of(item)) == ("claimed-by-another", ("claimed", max_.pk, NOW))
    release_item(moderator=mia, item_id=item.pk, now=NOW + DAY)
    assert claim_of(item) == OPEN
    assert denial(lambda: resolve(max_, item, now=NOW + DAY)) == "not-claimed"


def test_staff_take_a_claim_back_at_once(item, max_, boss):
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    release_item(moderator=boss, item_id=item.pk, now=NOW)
    assert claim_of(item) == OPEN


def test_nobody_judges_what_they_wrote_themselves(item, bea, max_):
    bea.role = Role.MODERATOR
    for act in (claim_item, release_item):
        assert denial(lambda act=act: act(moderator=bea, item_id=item.pk, now=LATER)) == "own-words"
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    assert denial(lambda: release_item(moderator=bea, item_id=item.pk, now=NOW + 2 * DAY)) == "own-words"
    assert claim_of(item) == ("claimed", max_.pk, NOW)


@pytest.mark.parametrize("act", [claim_item, release_item])
def test_non_moderator_is_denied_by_the_policy_itself(item, sam, act):
    assert denial(lambda: act(moderator=sam, item_id=item.pk, now=NOW)) == "moderators-only"
    assert denial(lambda: resolve(sam, item)) == "moderators-only"
    assert claim_of(item) == OPEN


def test_unknown_item_is_not_found(max_):
    for act in (claim_item, release_item):
        with pytest.raises(QueueItem.DoesNotExist):
            act(moderator=max_, item_id=1, now=NOW)
    with pytest.raises(QueueItem.DoesNotExist):
        resolve_item(moderator=max_, item_id=1, verdict=Verdict.UPHOLD, reason="Seen.", now=NOW)


@pytest.fixture
def loosened(tmp_path, settings) -> None:
    """With a permitting rule before all others."""
    folder = copy_policies(tmp_path / "loosened")
    path = folder / "moderation_queue.yaml"
    rule = '  - {id: loosened, when: actor_id != "", then: allow, message: Fine.}\n'
    path.write_text(re.sub(r"(?m)^rules:.*\n", lambda match: match[0] + rule, path.read_text(), count=1))
    settings.COMITY_POLICIES_DIR = folder


def refused(act) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def test_policy_that_permits_everything_changes_nothing_that_the_database_guards(
    loosened, item, bea, max_, mia
):
    assert refused(lambda: claim_item(moderator=bea, item_id=item.pk, now=NOW)) == "item-changed"
    assert refused(lambda: release_item(moderator=max_, item_id=item.pk, now=NOW)) == "item-changed"
    assert refused(lambda: resolve(max_, item)) == "item-changed"
    claim_item(moderator=max_, item_id=item.pk, now=NOW)
    assert refused(lambda: claim_item(moderator=mia, item_id=item.pk, now=NOW)) == "item-changed"
    assert refused(lambda: resolve(mia, item)) == "item-changed"
    assert refused(lambda: release_item(moderator=bea, item_id=item.pk, now=NOW)) == "item-changed"
    resolve(max_, item)
    for act in (claim_item, release_item):
        assert refused(lambda act=act: act(moderator=max_, item_id=item.pk, now=NOW)) == "item-changed"
    assert refused(lambda: resolve(max_, item)) == "item-changed"
    assert claim_of(item) == ("resolved", max_.pk, NOW)
