"""A token authenticates its user until it is revoked; only its hash is stored."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from marketplace.accounts.models import Token, User
from marketplace.accounts.queries import count_tokens, find_user_by_token
from marketplace.accounts.services import (
    PasswordChangedMeanwhile,
    change_password,
    forget_sessions,
    issue_token,
    revoke_token,
    revoke_tokens,
    sign_out_everywhere,
)
from tests.marketplace.factories import LATER, NOW, make_user

OLD, NEW = "correct horse battery staple", "wrong mule charger paperclip"


def test_issued_token_finds_its_user_in_one_query(bea, django_assert_num_queries):
    text = issue_token(user=bea, now=NOW)
    with django_assert_num_queries(1):
        assert find_user_by_token(text) == bea


def test_token_finds_the_same_user_as_the_orm(bea):
    bea.last_login, bea.first_name, bea.is_staff = LATER, "B\xe9a", True
    bea.save()
    found = find_user_by_token(issue_token(user=bea, now=NOW))
    expected = User.objects.get(pk=bea.pk)
    names = [field.attname for field in User._meta.concrete_fields]
    assert found is not None and not found._state.adding and found._state.db == expected._state.db
    assert found.get_deferred_fields() == set()
    read = [repr(getattr(found, name)) for name in names]
    assert read == [repr(getattr(expected, name)) for name in names]


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


def by_save(user, _admin):
    user.set_password(NEW)
    user.save()


def by_update(user, _admin):
    User.objects.filter(pk=user.pk).update(password=make_password(NEW))


def by_sql(user, _admin):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET password = %s WHERE id = %s", [make_password(NEW), user.pk])


def by_admin(user, admin):
    fields = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert admin.post(f"/admin/accounts/user/{user.pk}/password/", fields).status_code == 302


def by_changepassword(user, _admin, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt="": NEW)
    call_command("changepassword", user.username)


def by_person(user, _admin, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(NEW + "\n"))
    call_command("person", "password", user.username)


def by_making_it_unusable(user, _admin):
    user.set_unusable_password()
    user.save()


@pytest.mark.parametrize(
    "change",
    [by_save, by_update, by_sql, by_admin, by_changepassword, by_person, by_making_it_unusable],
    ids=lambda change: change.__name__,
)
def test_changed_password_ends_every_token_whoever_changes_it(bea, admin_client, monkeypatch, change):
    bea.set_password(OLD)
    bea.save()
    texts = [issue_token(user=bea, now=NOW) for _ in range(2)]
    other = make_user("mia", "moderator")
    others = issue_token(user=other, now=NOW)

    change(bea, admin_client, *([monkeypatch] if change in (by_changepassword, by_person) else []))

    assert [find_user_by_token(text) for text in [*texts, others]] == [None, None, other]
    bea.refresh_from_db()
    assert count_tokens(bea) == 0
    assert find_user_by_token(issue_token(user=bea, now=LATER)) == bea


def test_same_password_hashed_in_todays_way_ends_no_token(bea, settings):
    md5, pbkdf2 = (f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("MD5", "PBKDF2"))
    settings.PASSWORD_HASHERS = [md5]
    bea.set_password(OLD)
    bea.save()
    text = issue_token(user=bea, now=NOW)
    settings.PASSWORD_HASHERS = [pbkdf2, md5]

    assert User.objects.get(pk=bea.pk).check_password("not it") is False
    assert User.objects.get(pk=bea.pk).check_password(OLD) is True

    bea.refresh_from_db()
    assert bea.password.startswith("pbkdf2_")
    assert find_user_by_token(text) == bea


def test_token_issued_to_who_signed_in_with_the_password_of_before_is_dead(bea):
    signed_in = User.objects.get(pk=bea.pk)
    by_save(bea, None)
    assert find_user_by_token(issue_token(user=signed_in, now=LATER)) is None


def test_of_two_changes_at_once_one_counts(bea):
    first, second = (User.objects.get(pk=bea.pk) for _ in range(2))
    change_password(user=first, password=NEW, now=LATER)
    with pytest.raises(PasswordChangedMeanwhile):
        change_password(user=second, password=OLD, now=LATER)
    assert User.objects.get(pk=bea.pk).check_password(NEW)


def test_all_tokens_of_one_person_are_revoked(bea, ben):
    texts = [issue_token(user=user, now=NOW) for user in (bea, bea, ben)]
    assert (count_tokens(bea), revoke_tokens(user_id=bea.pk, now=LATER), count_tokens(bea)) == (2, 2, 0)
    assert revoke_tokens(user_id=bea.pk, now=LATER) == 0
    assert [find_user_by_token(text) for text in texts] == [None, None, ben]


def test_signing_out_everywhere_ends_tokens_and_sessions_of_one_person(bea, ben, client):
    texts = [issue_token(user=user, now=NOW) for user in (bea, ben)]
    hashes = [user.get_session_auth_hash() for user in (bea, ben)]
    client.force_login(bea)
    assert client.get("/api/v1/orders").status_code == 200

    assert sign_out_everywhere(user_id=bea.pk, now=LATER) == 1

    assert [find_user_by_token(text) for text in texts] == [None, ben]
    assert client.get("/api/v1/orders").status_code == 401
    assert client.get("/console/account").status_code == 302
    now = [User.objects.get(pk=user.pk).get_session_auth_hash() for user in (bea, ben)]
    assert (now[0] != hashes[0], now[1] == hashes[1]) == (True, True)
    assert find_user_by_token(issue_token(user=User.objects.get(pk=bea.pk), now=LATER)) == bea


def test_session_of_before_there_was_a_count_goes_on(bea):
    """Until the user signs out everywhere, the hash equals Django's."""
    assert bea.get_session_auth_hash() == super(User, bea).get_session_auth_hash()


def test_expired_sessions_are_deleted_and_the_others_go_on(bea, client):
    now = timezone.now()
    client.force_login(bea)
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(seconds=1))

    assert forget_sessions(now=now) == 1
    assert client.get("/api/v1/orders").status_code == 200
