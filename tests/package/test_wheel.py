"""The wheel is built and installed into a foreign Django project, which does what docs/embedding.md shows."""

import re
import shutil
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.package.host import ROOT, Host

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHIPPED = ("comity", "decisions", "detectors", "documents", "engine")

# Further commands and the script of the page, in one process.
COMMANDS = """
import runpy
from typer.testing import CliRunner
from engine.cli import check, schema, test
from engine.cli.app import app
for arguments in (["schema"], ["check"], ["test"]):
    print(CliRunner().invoke(app, arguments).output, end="")
runpy.run_path("advice.py")
runpy.run_path("judge.py")
"""

# What the host project does with its own settings, in one process.
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

# What of other people is loaded now is declared as a dependency, by the package or by one that it declares.
import re, sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
import comity, detectors.standard, engine.cli.check
declared, unread = set(), ["comity"]
while unread:
    name = re.sub("[-_.]+", "-", unread.pop()).lower()
    if name not in declared:
        declared.add(name)
        try:
            unread += [re.match(r"[\\w.-]+", line)[0] for line in requires(name) or () if "extra ==" not in line]
        except PackageNotFoundError:
            pass  # needed elsewhere, such as on Windows
distributions = packages_distributions()
loaded = {name for module in list(sys.modules) for name in distributions.get(module.partition(".")[0], ())}
print({name for name in loaded if re.sub("[-_.]+", "-", name).lower() not in declared} - OPTIONAL)
"""
OPTIONAL = {"attrs", "regex", "setuptools"}
"""rich and lark import the first two if installed; the third adds a module to every process."""


def test_wheel_serves_a_foreign_project(wheel: Path, host: Host) -> None:
    """One test, so that parallel workers do not each build the wheel."""
    check_files(wheel)
    check_commands(host)
    check_django(host)


def check_files(wheel: Path) -> None:
    """The package is typed, complete, and contains no names that would collide."""
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    assert {n.split("/")[0] for n in names if ".dist-info/" not in n} == set(SHIPPED)
    assert {f"{package}/py.typed" for package in SHIPPED} <= set(names)
    assert {"detectors/function_words.yaml", "detectors/weights/toxlstm.json"} <= set(names)
    assert {"engine/expression/cel_tables.json", "engine/handbook/handbook.typ"} <= set(names)
    [metadata] = [name for name in names if name.endswith(".dist-info/METADATA")]
    description = archive.read(metadata).decode().partition("\n\n")[2]
    assert "Policies as code" in description
    assert re.search(r"\]\(|`_|<a ", description) is None, "a relative link is dead on a package index"


def check_commands(host: Host) -> None:
    """The installed command, and the facade without Django."""
    version = host.run("comity", "--version")
    assert (version.stdout, version.stderr) == (f"comity {PROJECT['version']}\n", "")
    lexicon = shutil.copytree(ROOT / "policies" / "lexicon", host.folder / "policies" / "lexicon")
    ran = host.run("python", "-c", COMMANDS)
    shutil.rmtree(lexicon)  # otherwise Django warns that no app of the host `reads` it
    assert (ran.returncode, ran.stderr) == (0, "")
    policy_schema, case_schema, checked, *tested, decided, change, judged = ran.stdout.splitlines()
    assert checked.startswith("1 polic")  # and no warning above it
    assert (policy_schema, case_schema) == (
        "wrote policies/.schema/policy.json",
        "wrote policies/.schema/case.json",
    )
    assert tested[-1] == "3 cases passed, 0 failed"
    assert (decided, change) == ("deny card-full", "allow if books out is 4")
    assert judged == "['threat', 'violence']"


def check_django(host: Host) -> None:
    """The app migrates, decides, records and reloads in a project that has its own packages `config` and `loans`."""
    ran = host.run("python", "-c", SCRIPT.replace("OPTIONAL", repr(OPTIONAL)))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "You may have 5 books at once.",
        "[('allow', 'in-good-standing'), ('deny', 'card-full')]",
        "decisions_decisionrecord is append-only",
        "True",
        "set()",
    ]


@pytest.mark.full
def test_pytest_of_the_host_collects_its_policy_cases(host: Host) -> None:
    ran = host.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "3 passed" in ran.stdout, ran.stdout
