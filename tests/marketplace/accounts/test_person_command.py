"""`manage.py person`: creates people with a role, which decides what they see."""

import importlib
import io
import os
import subprocess
import sys
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from marketplace.accounts.models import Role, Token, User
from marketplace.accounts.queries import find_user_by_token
from marketplace.accounts.services import GROUPS, issue_token
from tests.marketplace.factories import NOW, make_user

PASSWORD = "correct horse battery staple"
BY_MAIL = ["--role", "moderator", "--email", "mia@shop.example"]
migration = importlib.import_module("marketplace.accounts.migrations.0003_sign_in_epoch")
pytestmark = pytest.mark.django_db


@pytest.fixture
def groups() -> None:
    """The groups of the migration, even if another test has emptied the tables."""
    migration.ship_groups(apps, None)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str, password: str = PASSWORD) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n" if password else ""))
        call_command("person", *arguments)
        return capsys.readouterr().out.strip()

    return run


@pytest.mark.parametrize("role", Role)
def test_person_is_added_with_a_role_and_can_sign_in(role: Role, person: Any, client: Client) -> None:
    assert person("add", "mia", "--role", role, "--email", "mia@shop.example") == f"mia: {role}"

    user = User.objects.get(username="mia")
    assert (user.role, user.email, user.is_staff, user.is_superuser) == (
        *(role, "mia@shop.example"),
        *(False, False),
    )
    assert client.login(username="mia", password=PASSWORD)
    assert client.get("/api/v1/moderation/queue").status_code == (200 if role == Role.MODERATOR else 403)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        (Role.AGENT, "disputes/dispute", "chats/message"),
        (Role.MODERATOR, "moderation/queueitem", "disputes/dispute"),
        (Role.POLICY_OWNER, "decisions/decisionrecord", "moderation/queueitem"),
    ],
)
def test_admin_shows_what_fits_the_role_and_lets_nobody_write(
    role: Role, seen: str, hidden: str, person: Any, client: Client, groups: None
) -> None:
    assert person("add", "mia", "--role", role, "--admin") == f"mia: {role}, may open the admin"

    assert client.login(username="mia", password=PASSWORD)
    pages = ["", f"{seen}/", f"{hidden}/", "accounts/user/", "auth/group/"]
    assert [client.get(f"/admin/{path}").status_code for path in pages] == [200, 200, 403, 403, 403]
    user = User.objects.get(username="mia")
    assert {name.split(".")[1].partition("_")[0] for name in user.get_all_permissions()} == {"view"}


def test_groups_are_for_models_that_there_are(groups: None) -> None:
    for name in GROUPS.values():
        for permission in Group.objects.get(name=name).permissions.select_related("content_type"):
            model = permission.content_type.model_class()
            assert model is not None
            assert permission.codename == f"view_{model._meta.model_name}"
            assert permission.name == f"Can view {model._meta.verbose_name_raw}"


def test_group_of_somebody_elses_making_is_left_alone() -> None:
    Group.objects.filter(name="Agents").delete()
    theirs = Group.objects.create(name="Agents")
    migration.ship_groups(apps, None)
    assert list(theirs.permissions.all()) == []


def test_tokens_of_before_the_migration_go_on(bea: User) -> None:
    text = issue_token(user=bea, now=NOW)
    Token.objects.update(seal="")
    assert find_user_by_token(text) is None

    migration.seal_tokens(apps, None)

    assert find_user_by_token(text) == bea


@pytest.mark.parametrize(
    ("arguments", "password", "message"),
    [
        (["add", "mia", "--role", "moderator"], "", "there is no password"),
        (["add", "mia", "--role", "moderator"], "short", "This password is too short"),
        (["add", "mia", *BY_MAIL], "mia@shop.example", "too similar to the email address"),
        (["add", "m a", "--role", "moderator"], PASSWORD, "username: Enter a valid username"),
        (["add", "mia", "--role", "moderator", "--email", "none"], PASSWORD, "email: Enter a valid email"),
        (["add", "mia", "--role", "boss"], PASSWORD, "invalid choice: 'boss'"),
        (["add", "mia"], PASSWORD, "arguments are required: --role"),
        (
            ["add", "mia", "--role", "buyer", "--admin"],
            PASSWORD,
            "the admin has nothing for the role `buyer`",
        ),
        (["add", "bea", "--role", "moderator"], PASSWORD, "the account `bea` already exists"),
        (["role", "nobody", "agent"], PASSWORD, "there is no account `nobody`"),
        (["password", "bea"], "short", "This password is too short"),
        (["password", "bea"], "", "there is no password"),
        (["sign-out", "nobody"], PASSWORD, "there is no account `nobody`"),
    ],
)
def test_invalid_input_is_reported_and_changes_nothing(
    arguments: list[str], password: str, message: str, person: Any, bea: User, groups: None
) -> None:
    before = list(User.objects.values())

    with pytest.raises(CommandError, match=message.replace(".", r"\.")):
        person(*arguments, password=password)

    assert list(User.objects.values()) == before


def test_missing_group_is_reported_and_adds_nobody(person: Any) -> None:
    Group.objects.all().delete()
    with pytest.raises(CommandError, match="there is no group `Agents`"):
        person("add", "mia", "--role", "agent", "--admin")
    assert not User.objects.filter(username="mia").exists()


def test_another_role_brings_its_group_and_takes_the_old_one(person: Any, groups: None) -> None:
    own = Group.objects.create(name="Night shift")
    person("add", "mia", "--role", "agent", "--admin")
    mia = User.objects.get(username="mia")
    mia.groups.add(own)

    assert person("role", "mia", "moderator") == "mia: moderator"
    assert set(mia.groups.values_list("name", flat=True)) == {"Moderators", "Night shift"}

    person("role", "mia", "buyer")
    mia.refresh_from_db()
    assert (mia.role, mia.is_staff) == ("buyer", False)
    assert set(mia.groups.values_list("name", flat=True)) == {"Night shift"}


def test_tokens_and_sessions_are_ended_by_command(person: Any, bea: User, client: Client) -> None:
    client.force_login(bea)
    issue_token(user=bea, now=NOW)
    assert person("show", "bea") == "bea: buyer, no admin, 1 token"
    assert person("revoke-tokens", "bea") == "bea: 1 token revoked"
    assert client.get("/api/v1/orders").status_code == 200

    issue_token(user=bea, now=NOW)
    assert person("sign-out", "bea") == "bea: signed out everywhere, 1 token revoked"
    assert client.get("/api/v1/orders").status_code == 401
    assert person("show", "bea") == "bea: buyer, no admin, 0 tokens"


def test_first_superuser_sees_the_console_and_the_policies(client: Client) -> None:
    call_command("createsuperuser", "--noinput", username="root", email="root@shop.example")
    client.force_login(User.objects.get(username="root"))
    pages = ["/admin/", "/console/moderation/try", "/api/v1/moderation/queue", "/api/policies/chat"]
    assert [client.get(path).status_code for path in pages] == [200] * 4


def test_superuser_may_be_given_another_role() -> None:
    assert User.objects.create_superuser("root", role=Role.POLICY_OWNER).role == Role.POLICY_OWNER


def test_admin_asks_for_the_role_of_a_new_person(admin_client: Client) -> None:
    fields = {"username": "mia", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    path = "/admin/accounts/user/add/"
    assert 'name="role"' in admin_client.get(path).text

    admin_client.post(path, {**fields, "role": "agent", "email": "mia@shop.example"})

    assert User.objects.get(username="mia").role == Role.AGENT


def test_staff_is_no_role(client: Client) -> None:
    client.force_login(make_user("stan", Role.BUYER))
    User.objects.filter(username="stan").update(is_staff=True)
    pages = ["/console/moderation/try", "/api/v1/moderation/queue", "/api/policies/chat"]
    assert [client.get(path).status_code for path in pages] == [403] * 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.full_on("postgresql")
def test_password_is_read_from_standard_input_of_a_process(database_url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "manage.py", "person", "add", "mia", "--role", "seller"]

    run = subprocess.run(
        command, input=PASSWORD, env=environment, capture_output=True, text=True, timeout=120
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, "mia: seller\n", "")
    assert User.objects.get(username="mia").check_password(PASSWORD)
