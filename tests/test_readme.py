"""The commands in the README and in the output of `make run` work as described."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SIZE
from tests.evidence import keep_locally
from tests.needs import needs
from tests.pasting import paste
from tests.serving import HANGING_SECONDS, free_port

ROOT = Path(__file__).resolve().parent.parent
NEEDED = [
    *("Makefile", "manage.py", "policies", "pyproject.toml"),
    *("api", "config", "console", "decisions", "detectors", "documents", "engine", "marketplace"),
]
CASES = "tests/policy_cases"
CONVERTED = "var/models/toxlstm/.converted"
START_SECONDS = 180
NEXT_BLOCK = "--- next block ---"
pytestmark = [
    pytest.mark.sqlite,  # `make run` has one
    pytest.mark.django_db(transaction=True, reset_sequences=True),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),  # by pytest-xdist
]


@dataclass(frozen=True)
class Checkout:
    """A copy of the tree that `make run` serves, with its own policies and evidence.

    A full run begins without a database and starts each command of the tour. A small run begins with the migrated database of the
    tests, and answers what the tour pastes in forks.
    """

    folder: Path
    environment: dict[str, str]
    printed: str

    def paste(self, blocks: list[str]) -> list[str]:
        """The output of each block, run in one shell, like the newcomer's second terminal."""
        # An edit counts within two seconds unless other tests keep the cores busy.
        script = f"\necho '{NEXT_BLOCK}'\n".join(blocks).replace("sleep 2\n", "sleep 10\n")
        if SIZE == "full":
            command = ["bash", "-c", script]
            pasted = subprocess.run(
                command, cwd=self.folder, env=self.environment, capture_output=True, text=True
            )
            output, errors = pasted.stdout, pasted.stderr
        else:
            _, output, errors = paste(
                script, self.environment, self.folder, programs=".venv/bin", options="-u"
            )
        assert errors == ""
        return output.split(NEXT_BLOCK + "\n")


@pytest.fixture
def checkout(tmp_path: Path, database_url: str, settings: Any) -> Iterator[Checkout]:
    needs("curl", packages="curl")
    folder = copy_tree(tmp_path / "comity")
    settings.DEBUG = True
    settings.COMITY_POLICIES_DIR = folder / "policies"
    keep_locally(settings, folder / "var" / "evidence")
    port = str(free_port())
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"PORT": port, "DATABASE_URL": f"sqlite:///{tmp_path / 'comity.sqlite3'}"}
    if SIZE != "full":
        environment |= {"DATABASE_URL": database_url, "COMITY_SECRET_KEY": settings.SECRET_KEY}
    log = tmp_path / "log"
    # Nothing is installed again: the copy uses this environment.
    installed = (f"BIN={sys.prefix}/bin", f"INSTALLED={sys.prefix}/.installed")
    command = ["make", "run", f"PORT={port}", *installed]
    command += ["--assume-old", f"{sys.prefix}/.installed", "--assume-old", CONVERTED]
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until_healthy(server, f"http://127.0.0.1:{port}/healthz", log)
        yield Checkout(folder, environment, log.read_text().partition("[INFO] Starting granian")[0])
    finally:
        assert not left_by_ctrl_c(server), log.read_text()


def left_by_ctrl_c(server: subprocess.Popen[bytes]) -> bool:
    """Whether any process survived; it is killed then."""
    os.killpg(server.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=HANGING_SECONDS)
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    server.wait(timeout=HANGING_SECONDS)
    return True


def copy_tree(target: Path) -> Path:
    """With the bytecode, which would otherwise be made again. A small run leaves out the claims and most cases: `make check`
    proves and tries them all."""
    target.mkdir()
    small = SIZE != "full"
    being_written = shutil.ignore_patterns("*.pyc.*")  # by another worker, which renames it when it is whole
    left_out = shutil.ignore_patterns(*(["moderation_*"] if small else []))
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=being_written)
        else:
            shutil.copy(source, target / name)
    shutil.copytree(ROOT / CASES, target / CASES, ignore=left_out)
    if small:
        (target / "policies/claims.yaml").unlink()
    if not small:
        (target / ".venv").symlink_to(sys.prefix)
    (target / "var").mkdir()
    (target / "var/models").symlink_to(ROOT / "var/models")
    return target


def wait_until_healthy(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=30).close()
            return
        except (urllib.error.URLError, TimeoutError):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


def blocks_of(readme: str) -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


def answers_in(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def texts_in(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def test_tour_of_the_readme_does_what_it_says(checkout: Checkout) -> None:
    before = texts_in(checkout.folder), texts_in(checkout.folder / "policies")

    ordered, early, sale, disputed, edited, broken, command = checkout.paste(
        blocks_of((ROOT / "README.md").read_text())
    )

    order, message = answers_in(ordered)
    assert (order["status"], message["text"]) == ("pending", "Is it still there?")
    assert [answer["code"] for answer in answers_in(early)] == ["seller-must-confirm"]

    first, second, late, review, again = answers_in(sale)
    assert (first["status"], second["status"]) == ("pending", "completed")
    assert (late["status"], late["code"]) == (409, "chat-locked")
    assert (review["rating"], again["code"]) == (5, "already-reviewed")

    opened, photo, closed, kept = answers_in(disputed)
    assert (opened["status"], photo["state"], closed["status"]) == ("open", "live", "closed")
    gone = f"media {photo['id']} of dispute {opened['id']}, {photo['size']} bytes, time-is-up\n"
    planned, swept = re.findall(rf"{gone}((?:(?:to delete|deleted|kept).*\n)+)", disputed)
    assert swept == planned.replace("to delete", "deleted")
    assert "1 record sealed, 0 not yet\n" in disputed
    assert kept["items"] == [{**photo, "state": "purged", "url": None}]

    [answer] = answers_in(edited)
    assert answer["message"] == "One review per product is enough."
    still, health = answers_in(broken)
    assert (still, health["status"]) == (answer, "degraded")
    [problem] = health["policies"]["problems"]
    assert (problem["file"], problem["code"]) == ("policies/review_eligibility.yaml", "unknown-name")
    assert "error[unknown-name]: unknown name `alredy_reviewed`" in broken
    assert "hint: did you mean `already_reviewed`?" in broken

    assert "chat-locked" in command
    assert all(policy in command for policy in ("chat", "confirmation", "review_eligibility"))
    assert ", 0 failed" in command
    assert (texts_in(checkout.folder), texts_in(checkout.folder / "policies")) == before


@pytest.mark.full
def test_tour_that_make_run_prints_works_too(checkout: Checkout) -> None:
    [output] = checkout.paste([checkout.printed])

    order, refused, first, second, late, review, asked = answers_in(output)
    assert (order["status"], refused["rule"]) == ("pending", "seller-must-confirm")
    assert (first["status"], second["status"], late["code"]) == ("pending", "completed", "chat-locked")
    assert (review["rating"], asked["rule"]) == (5, "already-reviewed")
