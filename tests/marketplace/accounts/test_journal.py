"""The journal of erasures: outside of the database, and repeated after a restore."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplace.accounts.erasure import ErasureHeld, erase_account, repeat_erasures
from marketplace.accounts.models import ErasureRequest, User
from tests.marketplace.factories import LATER, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def journal(tmp_path: Path, settings: Any) -> Path:
    settings.COMITY_ERASURE_JOURNAL = tmp_path / "erasures"
    return tmp_path / "erasures"


def bring_back(user: User) -> None:
    """What a backup from before the erasure does."""
    ErasureRequest.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(username="back", is_active=True)


def test_erasure_leaves_one_line_without_a_name(bea: User, journal: Path) -> None:
    for _ in range(2):
        erase_account(user_id=bea.pk, now=NOW)

    [line] = journal.read_text().splitlines()
    assert json.loads(line).keys() == {"user_id", "joined", "erased_at"}
    assert journal.stat().st_mode & 0o777 == 0o600


def test_restored_person_is_erased_again_and_nobody_else(bea: User, ben: User) -> None:
    erase_account(user_id=bea.pk, now=NOW)
    bring_back(bea)

    assert [repeat_erasures(now=LATER).erased for _ in range(2)] == [1, 0]
    assert User.objects.get(pk=bea.pk).username == f"erased-{bea.pk}"
    assert User.objects.get(pk=ben.pk).is_active


def test_person_who_got_the_id_after_the_backup_is_not_erased(bea: User) -> None:
    erase_account(user_id=bea.pk, now=NOW)
    bring_back(bea)
    User.objects.filter(pk=bea.pk).update(date_joined=LATER)

    assert repeat_erasures(now=LATER).erased == 0
    assert User.objects.get(pk=bea.pk).is_active


def test_person_is_not_erased_without_a_line(bea: User, settings: Any, tmp_path: Path) -> None:
    settings.COMITY_ERASURE_JOURNAL = tmp_path / "missing" / "erasures"

    with pytest.raises(OSError):
        erase_account(user_id=bea.pk, now=NOW)
    assert ErasureRequest.objects.get().done_at is None


def test_line_that_broke_off_swallows_no_other(bea: User, ben: User, journal: Path) -> None:
    journal.write_text('{"user_id": 7, "joi')
    erase_account(user_id=bea.pk, now=NOW)
    bring_back(bea)

    assert repeat_erasures(now=LATER).erased == 1


def test_line_that_names_nobody_is_told(journal: Path) -> None:
    journal.write_text('{"user_id": 7}\n')

    with pytest.raises(CommandError, match=r"line 1 of .* names no erased account"):
        call_command("repeat_erasures")


def test_account_that_is_held_is_closed_and_told(bea: User, monkeypatch: Any, capsys: Any) -> None:
    erase_account(user_id=bea.pk, now=NOW)
    bring_back(bea)

    def hold(**_: Any) -> dict[str, int]:
        raise ErasureHeld(["dispute 7 is held"])

    monkeypatch.setattr("marketplace.accounts.erasure.erase_account", hold)
    call_command("repeat_erasures")
    assert f"user {bea.pk}: dispute 7 is held" in capsys.readouterr().out
