"""The script for pipelines publishes from a repository, and says why it cannot."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from api import error_mapping
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


def pipelines() -> dict[str, dict[str, Any]]:
    """The pipelines that docs/publishing.md shows, by the words before them."""
    page = (ROOT / "docs" / "publishing.md").read_text()
    blocks = re.findall(r"^(\w+ \w+)[^\n]*:\n\n```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return {name: yaml.safe_load(text) for name, text in blocks}


def steps_of(name: str) -> tuple[str, dict[str, str]]:
    """The script of a pipeline, and its variables."""
    pipeline = pipelines()[name]
    if name == "GitLab CI":
        job = pipeline["publish"]
        return "\n".join(job["script"]), job["variables"]
    [step] = [step for step in pipeline["jobs"]["publish"]["steps"] if "run" in step]
    return step["run"], step["env"]


def run(
    shop: Bundles, live_server: Any, by: User, pipeline: str = "GitHub Actions"
) -> subprocess.CompletedProcess[str]:
    """Runs the script of a pipeline as bash does on a runner, with our address and token."""
    script, variables = steps_of(pipeline)
    assert (variables["COMITY_URL"], "COMITY_TOKEN" in variables) == (
        "https://shop.example",
        pipeline == "GitHub Actions",
    )
    shutil.copy(ROOT / "docs" / "pipelines" / "publish.py", shop.folder)
    shutil.copytree(shop.folder / "cases", shop.folder / "tests" / "policy_cases", dirs_exist_ok=True)
    ours = {
        "COMITY_URL": live_server.url,
        "COMITY_TOKEN": issue_token(user=by, now=NOW),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    told = os.environ | {name: str(value) for name, value in variables.items()} | ours
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=shop.folder, env=told, capture_output=True, text=True, timeout=120
    )


def test_pipelines_of_the_docs_check_out_the_whole_history() -> None:
    """Or the authors of what is new would be those of the last commit."""
    github, gitlab = pipelines().values()
    [checkout] = [step for step in github["jobs"]["publish"]["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"] == {"fetch-depth": 0}
    assert gitlab["publish"]["variables"]["GIT_DEPTH"] == 0
    assert github["on"] == {"push": {"branches": ["main"], "paths": ["policies/**"]}}
    assert gitlab["publish"]["rules"][0]["changes"] == ["policies/**/*"]


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
    second = run(shop, live_server, ann, "GitLab CI")
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
    monkeypatch.setitem(error_mapping.AFTER_A_CHECK, "Retry-After", "0")
    ran = run(shop, live_server, ann)
    assert (ran.returncode, ran.stderr, busy.asked) == (0, "", 4)
    assert Publication.objects.count() == 1


class Proxy(BaseHTTPRequestHandler):
    """Answers what the list says, one after the other, and notes the keys of the requests."""

    answers: list[tuple[int, str]]
    keys: set[str | None]

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.keys.add(self.headers["Idempotency-Key"])
        status, body = self.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The functions of the script, with a proxy as the server."""
    Proxy.answers, Proxy.keys = [], set()
    monkeypatch.setattr("time.sleep", lambda _: None)
    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        monkeypatch.setenv("COMITY_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("COMITY_TOKEN", "cmt_of_a_test")
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield runpy.run_path(str(ROOT / "docs" / "pipelines" / "publish.py"))
        server.shutdown()
        serving.join()


def test_script_sends_the_same_again_while_a_proxy_answers_for_the_server(script: dict[str, Any]) -> None:
    Proxy.answers = [(502, "<html>"), (503, ""), (200, "<html>"), (504, "{}"), (200, json.dumps({"id": 7}))]
    assert script["ask"]("POST", "", {"files": {}}) == {"id": 7}
    assert len(Proxy.keys) == 1


def test_script_says_in_a_sentence_why_it_stops(
    script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Proxy.answers = [(403, "<html>"), (401, "[]")] + [(502, "")] * script["TRIES"]
    place = f"{os.environ['COMITY_URL']}/api/policies/bundles"
    for said in (f"{place} answers 403 Forbidden", f"{place} answers 401 Unauthorized"):
        with pytest.raises(SystemExit, match=f"^{re.escape(said)}$"):
            script["ask"]("POST", "")
    with pytest.raises(SystemExit, match=f"^{re.escape(place)} answers 502 Bad Gateway$"):
        script["ask"]("POST", "")
    assert Proxy.answers == []
    monkeypatch.setenv("COMITY_URL", "http://127.0.0.1:9")
    with pytest.raises(SystemExit, match=r"does not answer as Comity does: .*refused"):
        script["ask"]("POST", "")
    monkeypatch.setenv("COMITY_URL", "shop.example")
    with pytest.raises(SystemExit, match="COMITY_URL is no address: unknown url type"):
        script["ask"]("POST", "")
    monkeypatch.delenv("COMITY_TOKEN")
    with pytest.raises(SystemExit, match=r"^set COMITY_TOKEN$"):
        script["ask"]("POST", "")


@pytest.mark.parametrize("state", ["active", "scheduled"])
def test_script_waits_until_the_bundle_is_put_in_force(
    script: dict[str, Any], state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Proxy.answers = [(200, '{"state": "published"}'), (502, ""), (200, f'{{"state": "{state}"}}')]
    script["wait_for"](7, 60)
    assert (capsys.readouterr().out, Proxy.answers) == (f"bundle 7 is {state}\n", [])


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (["published", "rejected"], "bundle 7 is rejected"),
        (["withdrawn"], "bundle 7 is withdrawn"),
        (["published"] * 5, "bundle 7 waits for an approval"),
    ],
)
def test_script_that_waits_in_vain_fails(script: dict[str, Any], states: list[str], said: str) -> None:
    Proxy.answers = [(200, f'{{"state": "{state}"}}') for state in states]
    with pytest.raises(SystemExit, match=said):
        script["wait_for"](7, 1)
    assert Proxy.answers == []
