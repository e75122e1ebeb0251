"""The system check reports policy problems to the policy owner."""

import pytest
from django.core.checks import run_checks

from decisions import checks
from tests.decisions.entry import ENTRY


def policy_messages() -> list[str]:
    return [message.msg for message in run_checks(databases=[]) if message.id == "decisions.E001"]


def test_good_policies_pass(policies):
    assert policy_messages() == []


def test_broken_policy_is_shown_with_place_and_hint(policies):
    (policies / "entry.yaml").write_text(ENTRY.replace("when: member", "when: membr"))
    (shown,) = policy_messages()
    assert shown.startswith("policies/entry.yaml:12:11: error[")
    assert "hint: did you mean `member`?" in shown


def test_folder_that_nobody_reads_is_named(policies):
    (policies / "lexikon").mkdir()
    assert [m.msg for m in run_checks(databases=[]) if m.id == "decisions.W002"] == [
        f"No app reads {policies / 'lexikon'}, so it was not checked."
    ]


class Alien:
    vendor = "mysql"


@pytest.mark.parametrize(("migrated", "expected"), [(True, ["decisions.E003"]), (False, [])])
def test_database_that_cannot_keep_records_safe_is_refused_where_they_would_be(
    monkeypatch: pytest.MonkeyPatch, migrated: bool, expected: list[str]
) -> None:
    monkeypatch.setattr(checks, "connections", {"default": Alien()})
    monkeypatch.setattr(checks.router, "allow_migrate_model", lambda alias, model: migrated)
    messages = [*checks.check_databases(databases=["default"]), *checks.check_triggers(databases=["default"])]
    assert [message.id for message in messages] == expected
