"""A token opens the door for its user until it is revoked, and only its hash is kept."""

import pytest

from marketplace.accounts.models import Token
from marketplace.accounts.queries import find_user_by_token
from marketplace.accounts.services import issue_token, revoke_token
from tests.marketplace.factories import LATER, NOW


def test_issued_token_finds_its_user_in_one_query(bea, django_assert_num_queries):
    text = issue_token(user=bea, now=NOW)
    with django_assert_num_queries(1):
        assert find_user_by_token(text) == bea


def test_token_text_is_not_stored(bea):
    text = issue_token(user=bea, now=NOW)
    assert text.startswith("cmt_")
    stored = Token.objects.values_list().get()
    assert not any(text in str(value) or str(value) in text for value in stored if len(str(value)) > 3)


def test_revoked_token_finds_nobody(bea):
    text = issue_token(user=bea, now=NOW)
    assert revoke_token(text=text, now=LATER) is True
    assert find_user_by_token(text) is None


def test_revoking_again_keeps_the_first_moment(bea):
    text = issue_token(user=bea, now=NOW)
    revoke_token(text=text, now=NOW)
    assert revoke_token(text=text, now=LATER) is False
    assert Token.objects.get().revoked_at == NOW


def test_revoking_one_token_leaves_the_others(bea):
    first, second = issue_token(user=bea, now=NOW), issue_token(user=bea, now=NOW)
    revoke_token(text=first, now=LATER)
    assert find_user_by_token(second) == bea


def test_token_of_a_deactivated_user_finds_nobody(bea):
    text = issue_token(user=bea, now=NOW)
    bea.is_active = False
    bea.save()
    assert find_user_by_token(text) is None


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "cmt_", "cmt_wrong", "é", "\ud800", "x" * 10_000, "cmt_\0"])
def test_other_text_finds_nobody(text):
    assert find_user_by_token(text) is None
