"""`manage.py policy`, from publishing to rollback, and who it refuses."""

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from marketplace.accounts.models import User
from marketplace.accounts.services import issue_token
from marketplace.publishing.files import read_folder
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


@pytest.fixture
def publish(run: Any, shop: Any, ann: User) -> Any:
    """Publishes as Ann, and returns the number of the bundle."""

    def publish() -> str:
        said = run("publish", "--cases", str(shop.folder / "cases"), as_=ann)
        return re.findall(r"^bundle (\d+) published: sha256:\w{64}$", said, re.MULTILINE)[0]

    return publish


def test_from_draft_to_force_and_back(run, publish, shop, ann, carl):
    one = publish()
    run("approve", one, "--report", digest_in(run("report", one)), as_=carl)
    assert run("activate", one, as_=ann).startswith(f"bundle {one} in force: sha256:")
    shop.edit("value: 100", "value: 200")
    two = publish()
    report = run("report", two)
    assert "values of parameters change; files changed: fees.yaml" in report
    assert "fees: `fee` becomes `free`" in report
    said = json.loads(run("report", two, "--format", "json"))
    assert said["digest"] == digest_in(report)
    assert digest_in(report) in run("report", two, "--format", "html")
    assert "fees: the parameter `limit` was changed\n   value was `100`, and is `200`\n" in report
    assert "written by ann\n" in report
    run("approve", two, "--report", digest_in(report), "--reason", "seen", as_=carl)
    assert run("schedule", two, "--at", "2126-12-01T00:00:00Z", as_=ann) == (
        f"bundle {two} scheduled for 2126-12-01T00:00:00Z\n"
    )
    run("withdraw", two, "--reason", "not so late", as_=ann)
    three = publish()
    run("approve", three, "--report", digest_in(run("report", three)), as_=carl)
    run("activate", three, as_=ann)
    assert run("rollback", "--reason", "too generous", as_=ann).startswith(f"bundle {one} in force again")

    assert [line.split(",")[0] for line in run("list").splitlines()] == [
        f"bundle {three}: replaced",
        f"bundle {two}: withdrawn",
        f"bundle {one}: active",
    ]
    log = run("log")
    assert f"bundle {two} approved by carl: seen" in log
    assert f"bundle {one} put in force again by ann: too generous" in log
    assert "file cases/fees.yaml" in run("show", three)


def test_cases_are_by_default_those_of_the_setting(run, shop, ann, settings, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings.COMITY_CASES_DIR = shop.folder / "cases"
    run("publish", as_=ann)
    assert "cases/fees.yaml" in Publication.objects.latest("pk").files
    settings.COMITY_CASES_DIR = tmp_path / "none"
    run("publish", as_=ann)
    assert "cases/fees.yaml" not in Publication.objects.latest("pk").files


def test_person_without_permission_is_refused(run, publish, eve):
    one = publish()
    report = digest_in(run("report", one))
    for arguments in (
        ("publish",),
        ("approve", one, "--report", report),
        ("activate", one),
        ("withdraw", one),
    ):
        with pytest.raises(CommandError, match=r"not-a-publisher|neither-owner-nor-approver"):
            run(*arguments, as_=eve)
    assert not Activation.objects.exists()


def test_without_a_token_only_the_glass_can_be_broken(run, publish, carl):
    one = publish()
    with pytest.raises(CommandError, match="needs your token"):
        run("activate", one)
    with pytest.raises(CommandError, match="needs a reason"):
        run("activate", one, "--break-glass")
    run("activate", one, "--break-glass", "--reason", "nobody is awake")
    assert active().by is None
    run("review", one, as_=carl)
    with pytest.raises(CommandError, match=f"No break-glass activation of bundle {one}"):
        run("review", one, as_=carl)


def test_mistakes_are_named_and_change_nothing(run, shop, ann, monkeypatch):
    shop.edit("amount <= limit", "amout <= limit")
    with pytest.raises(CommandError, match=r"nothing was published\npolicies/fees.yaml:11:.*unknown-name"):
        run("publish", "--cases", str(shop.folder / "cases"), as_=ann)
    with pytest.raises(CommandError, match="there is no such folder of policies"):
        run("publish", "--policies", str(shop.folder / "nowhere"), as_=ann)
    with pytest.raises(CommandError, match="there is no bundle 999999"):
        run("show", "999999")
    with pytest.raises(CommandError, match="not the number of a bundle"):
        run("show", "seven")
    monkeypatch.setenv("COMITY_TOKEN", "cmt_unknown")
    with pytest.raises(CommandError, match="unknown or revoked"):
        call_command("policy", "rollback")
    assert not Publication.objects.exists()


def test_bundle_is_checked_out_as_it_was_published(run, publish, shop, tmp_path, ann):
    with pytest.raises(CommandError, match="no published bundle is in force"):
        run("checkout", "--to", str(tmp_path / "out"))
    one, texts = publish(), shop.texts()
    policies, cases = tmp_path / "out" / "policies", tmp_path / "out" / "cases"
    folders = ("--to", str(policies), "--cases", str(cases))
    said = run("checkout", one, *folders)
    assert said.startswith(f"bundle {one} written to {policies}: sha256:")
    assert read_folder(policies, cases) == texts

    shop.edit("value: 100", "value: 200")
    (shop.folder / "cases" / "fees.yaml").rename(shop.folder / "cases" / "other.yaml")
    run("activate", publish(), "--break-glass", "--reason", "test", as_=ann)
    (policies / "mine.txt").write_text("no file of a bundle")
    with pytest.raises(CommandError, match="has files of a bundle already"):
        run("checkout", *folders)
    assert read_folder(policies, cases) == texts
    run("checkout", *folders, "--replace")
    assert read_folder(policies, cases) == shop.texts() != texts
    assert (policies / "mine.txt").exists()


def test_checkout_that_cannot_write_changes_nothing(run, publish, shop, tmp_path):
    one, texts = publish(), shop.texts()
    shop.edit("value: 100", "value: 200")
    edited = shop.texts()
    (shop.folder / "cases" / "fees.yaml").unlink()
    (shop.folder / "cases").rmdir()
    (shop.folder / "cases").write_text("in the way")
    policies = shop.folder / "policies"
    with pytest.raises(CommandError, match="nothing was written"):
        run("checkout", one, "--to", str(policies), "--cases", str(shop.folder / "cases"), "--replace")
    assert read_folder(policies, None) == {name: text for name, text in edited.items() if "/" not in name}
    assert len(list(policies.iterdir())) == len([name for name in texts if "/" not in name])


def test_approvers_are_listed_and_changed(run, shop, eve):
    assert run("approvers") == "bob\ncarl\n"
    assert run("approvers", "--add", "eve") == "bob\ncarl\neve\n"
    assert run("approvers", "--remove", "bob") == "carl\neve\n"
    bob = User.objects.get(username="bob")
    bob.user_permissions.add(Permission.objects.get(codename="approve_publication"))
    User.objects.create_superuser("root")
    User.objects.filter(username="eve").update(is_active=False)
    assert run("approvers") == "bob (not in the group)\ncarl\nroot (superuser)\n"
    with pytest.raises(CommandError, match="no account `nobody`"):
        run("approvers", "--add", "nobody")
