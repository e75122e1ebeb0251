"""The package is built as a wheel and installed into a foreign Django project, which does what docs/embedding.md shows."""

import zipfile
from pathlib import Path

import pytest

from tests.conftest import SIZE
from tests.package.host import Host, build_wheel, make_host

SHIPPED = ("comity", "decisions", "detectors", "documents", "engine")

MYPY = """\
[mypy]
explicit_package_bases = true
plugins = mypy_django_plugin.main
[mypy.plugins.django-stubs]
django_settings_module = config.settings
"""

# Further commands of the page and its script, in one process.
COMMANDS = """
import runpy
from typer.testing import CliRunner
from engine.cli import schema, test
from engine.cli.app import app
for arguments in (["--version"], ["schema"], ["test"]):
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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def host(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Host:
    return make_host(tmp_path_factory.mktemp("host"), wheel)


def test_wheel_ships_the_package_typed_and_nothing_that_would_collide(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names if ".dist-info/" not in n} == set(SHIPPED)
    assert {f"{package}/py.typed" for package in SHIPPED} <= set(names)
    assert {"detectors/function_words.yaml", "detectors/weights/toxlstm.json"} <= set(names)


def test_installed_command_checks_and_tests_the_policies_of_the_host(host: Host) -> None:
    checked = host.run("comity", "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.count("\n") == 1, checked.stdout  # no warning
    ran = host.run("python", "-c", COMMANDS)
    assert (ran.returncode, ran.stderr) == (0, "")
    version, policy_schema, case_schema, *tested, decided, change = ran.stdout.splitlines()
    assert version == "comity 0.1.0"
    assert (policy_schema, case_schema) == (
        "wrote policies/.schema/policy.json",
        "wrote policies/.schema/case.json",
    )
    assert tested[-1] == "3 cases passed, 0 failed"
    assert (decided, change) == ("deny card-full", "allow if books out is 4")


def test_host_project_migrates_decides_records_and_reloads(host: Host) -> None:
    ran = host.run("python", "-c", SCRIPT)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-4:] == [
        "You may have 5 books at once.",
        "[('allow', 'in-good-standing'), ('deny', 'card-full')]",
        "decisions_decisionrecord is append-only",
        "True",
    ]


@pytest.mark.skipif(SIZE == "small", reason="mypy reads Django and the engine, which takes half a minute")
def test_foreign_project_passes_mypy_strict(host: Host) -> None:
    (host.folder / "mypy.ini").write_text(MYPY)
    ran = host.run("python", "-m", "mypy", "--strict", "advice.py", "loans", "config")
    assert (ran.stdout, ran.stderr) == ("Success: no issues found in 7 source files\n", "")
