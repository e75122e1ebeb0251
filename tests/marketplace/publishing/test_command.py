"""`manage.py policy`, from publishing to rollback, and who it refuses."""

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplace.accounts.models import User
from marketplace.accounts.services import issue_token
from marketplace.publishing.models import Activation, Publication
from marketplace.publishing.queries import active
from tests.marketplace.factories import NOW

pytestmark = pytest.mark.full_on("postgresql")  # test_constraints.py is about the database


@pytest.fixture
def run(shop: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*arguments: str, as_: User | None = None) -> str:
        token = issue_token(user=as_, now=NOW) if as_ else ""
        monkeypatch.setenv("COMITY_TOKEN", token)
        output = StringIO()
        call_command("policy", *arguments, stdout=output)
        return output.getvalue()

    return run


def digest_in(report: str) -> str:
    return re.findall(r"^report (sha256:\w+)$", report, re.MULTILINE)[-1]


def test_from_draft_to_force_and_back(run, shop, ann, carl):
    def publish() -> None:
        run("publish", "--cases", str(shop.folder / "cases"), as_=ann)

    publish()
    run("approve", "1", "--report", digest_in(run("report", "1")), as_=carl)
    assert run("activate", "1", as_=ann).startswith("bundle 1 in force: sha256:")
    shop.edit("value: 100", "value: 200")
    publish()
    report = run("report", "2")
    assert "values of parameters change; files changed: fees.yaml" in report
    assert "fees: `fee` becomes `free`" in report
    said = json.loads(run("report", "2", "--format", "json"))
    assert said["digest"] == digest_in(report)
    assert digest_in(report) in run("report", "2", "--format", "html")
    run("approve", "2", "--report", digest_in(report), "--reason", "seen", as_=carl)
    assert run("schedule", "2", "--at", "2126-12-01T00:00:00Z", as_=ann) == (
        "bundle 2 scheduled for 2126-12-01T00:00:00Z\n"
    )
    run("withdraw", "2", "--reason", "not so late", as_=ann)
    publish()
    run("approve", "3", "--report", digest_in(run("report", "3")), as_=carl)
    run("activate", "3", as_=ann)
    assert run("rollback", "--reason", "too generous", as_=ann).startswith("bundle 1 in force again")

    assert [line.split(",")[0] for line in run("list").splitlines()] == [
        "bundle 3: replaced",
        "bundle 2: withdrawn",
        "bundle 1: active",
    ]
    log = run("log")
    assert "bundle 2 approved by carl: seen" in log
    assert "bundle 1 put in force again by ann: too generous" in log
    assert "file cases/fees.yaml" in run("show", "3")


def test_person_without_permission_is_refused(run, shop, ann, eve):
    run("publish", "--cases", str(shop.folder / "cases"), as_=ann)
    report = digest_in(run("report", "1"))
    for arguments in (
        ("publish",),
        ("approve", "1", "--report", report),
        ("activate", "1"),
        ("withdraw", "1"),
    ):
        with pytest.raises(CommandError, match=r"not-a-publisher|neither-owner-nor-approver"):
            run(*arguments, as_=eve)
    assert not Activation.objects.exists()


def test_without_a_token_only_the_glass_can_be_broken(run, shop, ann, carl):
    run("publish", "--cases", str(shop.folder / "cases"), as_=ann)
    with pytest.raises(CommandError, match="needs your token"):
        run("activate", "1")
    with pytest.raises(CommandError, match="needs a reason"):
        run("activate", "1", "--break-glass")
    run("activate", "1", "--break-glass", "--reason", "nobody is awake")
    assert active().by is None
    run("review", "1", as_=carl)
    with pytest.raises(CommandError, match="no break-glass activation of bundle 1"):
        run("review", "1", as_=carl)


def test_mistakes_are_named_and_change_nothing(run, shop, ann, monkeypatch):
    shop.edit("amount <= limit", "amout <= limit")
    with pytest.raises(CommandError, match=r"nothing was published\npolicies/fees.yaml:11:.*unknown-name"):
        run("publish", "--cases", str(shop.folder / "cases"), as_=ann)
    with pytest.raises(CommandError, match="there is no such folder of policies"):
        run("publish", "--policies", str(shop.folder / "nowhere"), as_=ann)
    with pytest.raises(CommandError, match="there is no bundle 7"):
        run("show", "7")
    with pytest.raises(CommandError, match="not the number of a bundle"):
        run("show", "seven")
    monkeypatch.setenv("COMITY_TOKEN", "cmt_unknown")
    with pytest.raises(CommandError, match="unknown or revoked"):
        call_command("policy", "rollback")
    assert not Publication.objects.exists()


def test_approvers_are_listed_and_changed(run, shop, eve):
    assert run("approvers") == "bob\ncarl\n"
    assert run("approvers", "--add", "eve") == "bob\ncarl\neve\n"
    assert run("approvers", "--remove", "bob") == "carl\neve\n"
    with pytest.raises(CommandError, match="no account `nobody`"):
        run("approvers", "--add", "nobody")
