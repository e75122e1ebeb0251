"""The package is built as a wheel and installed into a foreign Django project, which does what docs/embedding.md shows."""

import tomllib
import zipfile
from pathlib import Path

from tests.package.host import ROOT, Host

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHIPPED = ("comity", "decisions", "detectors", "documents", "engine")

# Further commands of the page and its script, in one process.
COMMANDS = """
import runpy
from typer.testing import CliRunner
from engine.cli import check, schema, test
from engine.cli.app import app
for arguments in (["schema"], ["check"], ["test"]):
    print(CliRunner().invoke(app, arguments).output, end="")
runpy.run_path("advice.py")
"""

# What the host does with its own settings, in one process.
SCRIPT = """
import io, os
from datetime import UTC, datetime, timedelta
import django
from django.core.management import call_command
django.setup()
from decisions import Denied
from decisions.models import DecisionRecord
from django.db import connection, transaction
from django.db.utils import IntegrityError
from loans.services import lend

import config.settings, engine
assert config.settings.__file__.startswith(os.getcwd())
assert not engine.__file__.startswith(os.getcwd())
for name in ("api", "console", "marketplace"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise AssertionError(f"{name} can be imported")

os.mkdir("loans/migrations"); open("loans/migrations/__init__.py", "w").close()
call_command("makemigrations", "loans", verbosity=0)
call_command("makemigrations", check=True, dry_run=True, verbosity=0)
call_command("migrate", verbosity=0)
call_command("check", databases=["default"], fail_level="WARNING", stdout=io.StringIO())

now = datetime(2026, 3, 1, 12, tzinfo=UTC)
for book in range(5):
    lend(member_id=7, book_id=book, now=now)
try:
    lend(member_id=7, book_id=5, now=now)
except Denied as denied:
    print(denied.decision.message)
print([(r.outcome, r.rule) for r in DecisionRecord.objects.order_by("pk")][-2:])
try:
    with transaction.atomic():
        DecisionRecord.objects.all().delete()
except IntegrityError as error:
    print(error)
import config.wsgi
from decisions import bundles
print(bundles.status().healthy)
"""


def test_wheel_serves_a_foreign_project(wheel: Path, host: Host) -> None:
    """One test, so that workers that share the run do not each build the wheel."""
    check_files(wheel)
    check_commands(host)
    check_django(host)


def check_files(wheel: Path) -> None:
    """The package is typed, whole, and holds nothing that would collide."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names if ".dist-info/" not in n} == set(SHIPPED)
    assert {f"{package}/py.typed" for package in SHIPPED} <= set(names)
    assert {"detectors/function_words.yaml", "detectors/weights/toxlstm.json"} <= set(names)


def check_commands(host: Host) -> None:
    """The installed command, and the facade without Django."""
    told = host.run("comity", "--version")
    assert (told.stdout, told.stderr) == (f"comity {PROJECT['version']}\n", "")
    ran = host.run("python", "-c", COMMANDS)
    assert (ran.returncode, ran.stderr) == (0, "")
    policy_schema, case_schema, checked, *tested, decided, change = ran.stdout.splitlines()
    assert checked.startswith("1 polic")  # and no warning above it
    assert (policy_schema, case_schema) == (
        "wrote policies/.schema/policy.json",
        "wrote policies/.schema/case.json",
    )
    assert tested[-1] == "3 cases passed, 0 failed"
    assert (decided, change) == ("deny card-full", "allow if books out is 4")


def check_django(host: Host) -> None:
    """The app migrates, decides, records and reloads in a project whose own packages are called `config` and `loans`."""
    ran = host.run("python", "-c", SCRIPT)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "You may have 5 books at once.",
        "[('allow', 'in-good-standing'), ('deny', 'card-full')]",
        "decisions_decisionrecord is append-only",
        "True",
    ]
