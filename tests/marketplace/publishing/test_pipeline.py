"""The script for pipelines publishes from a repository, and says why it cannot."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.routers import bundles
from marketplace.accounts.models import User
from marketplace.accounts.services import issue_token
from marketplace.publishing import checking
from marketplace.publishing.models import Publication
from tests.marketplace.factories import NOW
from tests.marketplace.publishing.bundle import ROOT, Bundles
from tests.needs import needs

pytestmark = [pytest.mark.full_on("postgresql"), pytest.mark.django_db(transaction=True)]


def commit(folder: Path, name: str, email: str) -> str:
    by = {
        f"GIT_{who}_{what}": text
        for who in ("AUTHOR", "COMMITTER")
        for what, text in (("NAME", name), ("EMAIL", email))
    }
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "edit"]):
        needs("git", packages="git")
        subprocess.run(["git", *arguments], cwd=folder, env=os.environ | by, check=True)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
    )
    return head.stdout.strip()


def run(shop: Bundles, live_server: Any, by: User) -> subprocess.CompletedProcess[str]:
    told = {"COMITY_URL": live_server.url, "COMITY_TOKEN": issue_token(user=by, now=NOW)}
    script = [sys.executable, str(ROOT / "docs" / "pipelines" / "publish.py"), "policies", "cases"]
    return subprocess.run(
        script, cwd=shop.folder, env=os.environ | told, capture_output=True, text=True, timeout=120
    )


def test_pipeline_publishes_with_its_authors_and_prints_the_report(
    shop: Bundles, ann: User, bob: User, live_server: Any
) -> None:
    ours = commit(shop.folder, "Zoe", "zoe@else.example")
    bob.email = "bob@shop.example"
    bob.save()
    first = run(shop, live_server, ann)
    assert (first.returncode, first.stderr) == (0, "")
    publication = Publication.objects.get()
    assert f"bundle {publication.pk} published: {publication.digest}\n" in first.stdout
    assert re.search(r"^report sha256:\w{64}$", first.stdout, re.MULTILINE)
    assert (publication.revision, publication.strangers) == (ours, ["Zoe"])

    shop.approve(publication, publication.reports.get())
    shop.activate(publication)
    shop.edit("value: 100", "value: 200")
    commit(shop.folder, "Bob", "bob@shop.example")
    second = run(shop, live_server, ann)
    assert "fees: `fee` becomes `free`" in second.stdout
    publication = Publication.objects.latest("pk")
    assert publication.strangers == []
    assert set(publication.authors.values_list("user_id", flat=True)) == {ann.pk, bob.pk}


def test_pipeline_fails_with_the_place_of_an_error(shop: Bundles, ann: User, live_server: Any) -> None:
    shop.edit("amount <= limit", "amout <= limit")
    failed = run(shop, live_server, ann)
    assert failed.returncode == 1
    assert "(bundle-refused)\npolicies/fees.yaml:11:23: unknown name `amout`" in failed.stderr
    assert not Publication.objects.exists()


class BusyTwice:
    def __init__(self) -> None:
        self.asked = 0

    def acquire(self, *, blocking: bool) -> bool:
        self.asked += 1
        return self.asked > 2

    def release(self) -> None: ...


def test_pipeline_waits_for_a_busy_server(
    shop: Bundles, ann: User, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = BusyTwice()
    monkeypatch.setattr(checking, "CHECKING", busy)
    monkeypatch.setattr(bundles, "BUSY_SECONDS", "0")
    ran = run(shop, live_server, ann)
    assert (ran.returncode, ran.stderr, busy.asked) == (0, "", 4)
    assert Publication.objects.count() == 1
