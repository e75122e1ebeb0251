"""A process that is killed at any moment leaves a step done with its record, or not done at all."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.db import connection, connections

from decisions.models import DecisionRecord
from marketplace.publishing.checking import check_bundle
from marketplace.publishing.models import Activation, Author, Publication, Verdict
from marketplace.publishing.services import roll_back
from tests.marketplace.factories import NOW
from tests.marketplace.mortal import Points, in_a_child
from tests.marketplace.publishing.bundle import Bundles

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings(
        "ignore:.*multi-threaded, use of fork:DeprecationWarning"
    ),  # by a thread of pytest-xdist
]
HIGHER = ("value: 100", "value: 200")


def state() -> tuple[int, ...]:
    """Rows and records. Of a publication, its authors and texts are a part."""
    counted = (Publication, Author, Verdict, Activation, DecisionRecord)
    return tuple(model.objects.count() for model in counted)


def steps(shop: Bundles) -> Iterator[tuple[Callable[[], Any], tuple[int, ...]]]:
    """What is to be killed until it is done, and what it adds."""
    shop.put_in_force()
    shop.edit(*HIGHER)
    check_bundle(shop.texts())  # the slow part writes nothing
    yield shop.publish, (1, 1, 0, 0, 1)
    publication = Publication.objects.latest("pk")
    report = shop.report(publication)
    yield lambda: shop.approve(publication, report), (0, 0, 1, 0, 1)
    yield lambda: shop.activate(publication), (0, 0, 0, 1, 1)
    yield lambda: roll_back(actor=shop.author, reason="test", now=NOW), (0, 0, 0, 1, 1)


def killed_at(act: Callable[[], Any], deadly: int, *, statements: bool) -> bool:
    """Whether a child that acts was killed before it was done. Points are before and after the commit, and each statement."""

    def die() -> int:
        points = Points(deadly)
        commit = connection._commit
        connection._commit = lambda: points.around(commit)
        around = points.around if statements else lambda execute, *call: execute(*call)
        with connection.execute_wrapper(lambda execute, *call: around(execute, *call)):
            act()
        return points.passed

    connections.close_all()  # a child inherits none
    return in_a_child(die) is None


def test_kill_before_the_commit_leaves_nothing_and_after_it_everything(shop: Bundles) -> None:
    for act, added in steps(shop):
        before = state()
        assert killed_at(act, 0, statements=False)
        assert state() == before
        assert killed_at(act, 1, statements=False)
        assert state() == tuple(had + more for had, more in zip(before, added, strict=True))


@pytest.mark.full
def test_kill_at_any_statement_leaves_nothing_or_everything(shop: Bundles) -> None:
    kills = 0
    for act, added in steps(shop):
        before = state()
        after = tuple(had + more for had, more in zip(before, added, strict=True))
        for deadly in count():
            assert killed_at(act, deadly, statements=True)
            kills += 1
            if (found := state()) == after:
                break
            assert found == before
    assert kills >= 100
