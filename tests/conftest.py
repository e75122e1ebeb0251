"""Shared by all tests: the database, and how many races and examples a run makes."""

import fcntl
import gc
import os
import shutil
import signal
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck, Phase, settings
from pytest_django import DjangoDbBlocker

from tests.engine import voices
from tests.needs import DURABLE_RULES
from tests.pristine import PRISTINE

FIRST = {"test_readme.py", "test_serving.py", "test_workers.py"}
"""Wait long for other processes. One of them at the end of a run would leave the other workers idle."""
STARTED_ONCE = {"chromium", "seaweed_server"}
"""Fixtures that take seconds to start. Their tests run in one worker, so that only one starts them."""
BY_CHECK = Path(__file__).parent / "policy_cases"
"""A small run leaves these to `comity test` of `make check`."""
WITHOUT_DATABASE = [
    Path(__file__).parent / name
    for name in ("benchmarks", "detectors", "docs", "documents", "engine", "ml", "package")
]
"""Not collected on PostgreSQL: more than half of the collection time."""
CLIENTS = Path(__file__).parent / "clients"
"""Need Node and a generator: run by `make test-clients`."""
SPARK = Path(__file__).parent / "spark"
"""Need Java and Spark: run by `make test-spark`."""
HARDLY_ABOUT_THE_DATABASE = [
    Path(__file__).parent / name
    for name in (
        "api/assistant/test_contract.py",
        "api/assistant/test_csrf.py",
        "api/assistant/test_ephemeral.py",
        "api/assistant/test_forgeries.py",
        "api/assistant/test_idempotency.py",
        "api/assistant/test_inbox.py",
        "api/assistant/test_nothing_is_written.py",
        "api/assistant/test_parity.py",
        "api/assistant/test_schemathesis.py",
        "api/test_auth.py",
        "api/test_closed_accounts.py",
        "api/test_envelope.py",
        "api/test_form_throttle.py",
        "api/test_forwarded.py",
        "api/test_key_rotation.py",
        "api/test_metrics.py",
        "api/test_middleware.py",
        "api/test_throttle.py",
        "api/routers/test_policies.py",
        "api/test_hostile_json.py",
        "api/test_json_body.py",
        "api/test_matrix.py",
        "api/test_problem_docs.py",
        "api/test_schema_promises.py",
        "api/views/test_accounts.py",
        "api/views/test_appeals.py",
        "api/views/test_catalog.py",
        "api/views/test_chats.py",
        "api/views/test_disputes.py",
        "api/views/test_media.py",
        "api/views/test_moderated_disputes.py",
        "api/views/test_moderated_texts.py",
        "api/views/test_moderation.py",
        "api/views/test_orders.py",
        "api/views/test_reviews.py",
        "api/views/test_statements.py",
        "config/test_server.py",
        "console",
        "decisions/test_backtest.py",
        "decisions/test_bundles.py",
        "decisions/test_export.py",
        "decisions/test_metrics.py",
        "decisions/test_middleware.py",
        "decisions/test_reloading.py",
        "decisions/test_replay.py",
        "decisions/test_trial.py",
        "decisions/test_webhook.py",
        "marketplace/accounts/test_person_command.py",
        "marketplace/accounts/test_tokens.py",
        "marketplace/assistant/answers",
        "marketplace/assistant/test_services.py",
        "marketplace/demo",
        "marketplace/desk/test_canary.py",
        "marketplace/desk/test_command.py",
        "marketplace/desk/test_reading.py",
        "marketplace/disputes/storage",
        "marketplace/disputes/test_command.py",
        "marketplace/disputes/test_daily.py",
        "marketplace/disputes/test_evidence.py",
        "marketplace/disputes/test_holds.py",
        "marketplace/disputes/test_keeping.py",
        "marketplace/disputes/test_kept_rules.py",
        "marketplace/disputes/test_orphans.py",
        "marketplace/disputes/test_planning.py",
        "marketplace/disputes/test_restamping.py",
        "marketplace/disputes/test_scanning.py",
        "marketplace/disputes/test_services.py",
        "marketplace/disputes/test_standing.py",
        "marketplace/disputes/test_uploading.py",
        "marketplace/moderation/test_detection.py",
        "marketplace/moderation/test_judge_command.py",
        "marketplace/moderation/test_services.py",
        "marketplace/orders/test_kept_rules.py",
        "marketplace/publishing/test_schedules.py",
        "marketplace/reviews/test_facts.py",
        "marketplace/test_parties.py",
        "marketplace/tuning/test_compare_command.py",
        "marketplace/tuning/test_drafts.py",
        "marketplace/tuning/test_evaluating.py",
        "marketplace/tuning/test_growing.py",
        "marketplace/tuning/test_importing.py",
        "marketplace/tuning/test_labelling.py",
        "marketplace/tuning/test_recorded.py",
        "marketplace/tuning/test_sets.py",
    )
]
"""A small run on PostgreSQL skips these, unless the file is given on the command line."""
LOST_ON_POSTGRESQL_ONLY = [
    Path(__file__).parent / "marketplace" / name
    for name in (
        "assistant/test_races.py",
        "desk/test_races.py",
        "disputes/test_races.py",
        "moderation/test_races.py",
        "orders/test_races.py",
        "test_idempotency_races.py",
    )
]
"""A small run on SQLite skips these: with one writer, the race cannot be lost."""
# Collection makes no cycles to speak of, and only adds to what each collection of garbage would scan again.
gc.disable()
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"}


@dataclass(frozen=True)
class Scale:
    races: int
    kills: int
    examples: int
    anonymous: int
    parity: int


for number in (signal.SIGHUP, signal.SIGINT):
    # `nohup` and shells that start this in the background ignore them, and so would the servers that tests start.
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

MIGRATED = Path(os.environ["COMITY_TEST_MIGRATED"]) if "COMITY_TEST_MIGRATED" in os.environ else None
"""Where the first part of `make test` on SQLite leaves the migrated database for the other one."""
SIZE = os.environ.get("COMITY_TEST_SCALE", "small")
SCALES = {
    "small": Scale(races=12, kills=2, examples=100, anonymous=100, parity=150),
    "full": Scale(races=300, kills=100, examples=20_000, anonymous=10_000, parity=2_000),
}

settings.register_profile(
    "any-machine",
    deadline=None,
    max_examples=40 if SIZE == "small" else 200,
    suppress_health_check=[HealthCheck.too_slow],
)
"""Hypothesis's defaults are 100 examples and a deadline of 200 ms."""
settings.load_profile("any-machine")
settings.register_profile(
    "first-failure",
    settings.get_profile("any-machine"),
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
)
"""For runs that only ask whether a test fails, like `make mutate`: shrinking a failure may take minutes."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden texts of tests/engine")


@pytest.fixture(scope="session")
def scale() -> Scale:
    return SCALES[SIZE]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    if collection_path == CLIENTS and "COMITY_CLIENTS" not in os.environ:
        return True
    if collection_path == SPARK and "COMITY_SPARK" not in os.environ:
        return True
    on_postgresql = connection.vendor == "postgresql"
    left_out = WITHOUT_DATABASE if on_postgresql else []
    if not DURABLE_RULES:
        left_out = [*left_out, Path(__file__).parent / "engine" / "backends" / "durable"]
    if SIZE == "small":
        left_out = left_out + (HARDLY_ABOUT_THE_DATABASE if on_postgresql else LOST_ON_POSTGRESQL_ONLY)
        left_out = [*left_out, BY_CHECK]
    return True if collection_path in left_out else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """One process at a time: the first one writes the bytecode of every test, a third of its work, and the others read it."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark database tests before -m selects, and drop tests for the other database or a full run."""
    for item in items:
        if touches_database(item):
            if is_without_database(item.path):
                raise pytest.UsageError(
                    f"{item.nodeid} touches the database, and would not be run on PostgreSQL"
                )
            item.add_marker(pytest.mark.database)
    elsewhere = {"sqlite"} if connection.vendor == "postgresql" else {"postgresql"}
    elsewhere |= {"full"} if SIZE == "small" else set()
    left_out = {
        item: any(item.get_closest_marker(name) for name in elsewhere)
        or (SIZE == "small" and connection.vendor in databases_of_full_runs(item))
        for item in items
    }
    items[:] = [item for item in items if not left_out[item]]
    config.hook.pytest_deselected(items=[item for item, out in left_out.items() if out])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Freeze collected objects: hundreds of megabytes that each full garbage collection would scan in vain."""
    # The first worker gets the first half of the tests, and others take over the last ones of it.
    session.items.sort(key=lambda item: (item.path.name not in FIRST, not needs_what_is_started_once(item)))
    gc.collect()
    gc.freeze()
    gc.set_threshold(
        50_000
    )  # at 700, a tenth of the time of compiling a policy is spent on garbage, of which it makes none
    gc.enable()


@cache
def is_without_database(path: Path) -> bool:
    return any(folder in path.parents for folder in WITHOUT_DATABASE)


def needs_what_is_started_once(item: pytest.Item) -> bool:
    return not STARTED_ONCE.isdisjoint(getattr(item, "fixturenames", ()))


def databases_of_full_runs(item: pytest.Item) -> set[str]:
    return {name for marker in item.iter_markers("full_on") for name in marker.args}


def touches_database(item: pytest.Item) -> bool:
    case = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or (isinstance(case, type) and issubclass(case, TransactionTestCase))
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite tests use a file: in memory, threads would share one connection and never meet a lock."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "comity.sqlite3")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Whether the database is a copy of one that another part of `make test` has migrated."""
    if connection.vendor != "sqlite" or MIGRATED is None or not MIGRATED.exists():
        return False
    shutil.copy(MIGRATED, connection.settings_dict["TEST"]["NAME"])
    return True


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    django_db_keepdb: bool,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A test that commits ends with the database as it is now."""
    with django_db_blocker.unblock():
        PRISTINE.keep()
        if connection.vendor == "sqlite" and MIGRATED is not None and not django_db_keepdb:
            copy = tmp_path_factory.mktemp("migrated") / "comity.sqlite3"
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(copy)])
            copy.replace(MIGRATED)
    TransactionTestCase._fixture_teardown = lambda _: PRISTINE.restore()


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The DATABASE_URL for other processes that use the database of the running test."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    host = quote(settings["HOST"], safe="") + (f":{settings['PORT']}" if settings["PORT"] else "")
    user = ":".join(quote(settings[part], safe="") for part in ("USER", "PASSWORD") if settings[part])
    return f"postgresql://{user}@{host}/{settings['NAME']}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker process hands over what its voices agreed on."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["voices"] = [(*key, times) for key, times in voices.AGREED.items()]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A crashed worker has no results."""
    counts = getattr(node, "workeroutput", {}).get("voices", [])
    voices.AGREED.update(Counter({(voice, on): times for voice, on, times in counts}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = list(voices.report())
    if lines:
        terminalreporter.section("voices")
    for line in lines:
        terminalreporter.write_line(line)
