"""The rows that `make bench` inserts for its long lists fit the tables of today, and every list shows them."""

import pytest
from django.core.signing import Signer
from django.test import Client

from benchmarks.growth import LISTS, QUEUE, _fill
from benchmarks.sweep import NOW, make_disputes
from marketplace.accounts.models import Role, User
from marketplace.disputes.retention.planning import make_plan
from tests.marketplace.factories import make_user


@pytest.mark.sqlite  # its rows are made by SQLite
def test_every_long_list_can_be_filled_and_read(db: None, client: Client) -> None:
    staff = User.objects.create_superuser("staff", role=Role.MODERATOR)
    _fill(40, judge=staff.pk, author=make_user("author", Role.BUYER).pk)
    client.force_login(staff)
    half = Signer(salt=f"api.cursor:{QUEUE}").sign_object([False, 20])
    for path in LISTS.values():
        assert client.get(path.replace("HALF", half)).status_code == 200


def test_every_dispute_of_the_benchmark_is_in_the_plan(db: None) -> None:
    make_disputes(3)
    assert len(make_plan(at=NOW).deleted) == 3
