"""Sam sells, Bea and Ben buy; and two processes that race each other."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from marketplace.accounts.models import Role, User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from tests.marketplace.factories import make_order, make_product, make_user
from tests.marketplace.racing import Job, Race, racer


@pytest.fixture
def sam(db: None) -> User:
    return make_user("sam", Role.SELLER)


@pytest.fixture
def bea(db: None) -> User:
    return make_user("bea", Role.BUYER)


@pytest.fixture
def ben(db: None) -> User:
    return make_user("ben", Role.BUYER)


@pytest.fixture
def product(sam: User) -> Product:
    return make_product(sam)


@pytest.fixture
def order(bea: User, product: Product) -> Order:
    return make_order(bea, product)


@pytest.fixture(scope="session")
def racers(django_db_setup: None) -> Iterator[Callable[[str], list[subprocess.Popen[str]]]]:
    """Started by the first test that needs them and reused: each start costs as much as thirty races."""
    with ExitStack() as stack:
        started: list[subprocess.Popen[str]] = []

        def start(database_url: str) -> list[subprocess.Popen[str]]:
            while len(started) < 2:
                started.append(stack.enter_context(racer(database_url)))
            return started

        yield start


@pytest.fixture
def race(racers, database_url) -> Race:
    """Gives each process its job at the same moment and waits for both answers."""

    def run(*jobs: Job) -> tuple[str, str]:
        for process, job in zip(racers(database_url), jobs, strict=True):
            process.stdin.write(json.dumps(job) + "\n")
        first, second = (json.loads(process.stdout.readline()) for process in racers(database_url))
        return first, second

    return run
