"""The kind of a change, from the policies alone."""

import pytest

from documents.source import Source
from engine import load_sources
from marketplace.publishing.changes import kind_of_change
from tests.marketplace.publishing.bundle import FEES

HIGHER = ("value: 100", "value: 200")
SECOND = FEES.replace("version: 1", "version: 2").replace("2026-01-01", "2026-06-01")


def load(text: str):
    loaded = load_sources([Source("fees.yaml", text)])
    assert loaded.bundle is not None, loaded.diagnostics
    return loaded.bundle.policies


@pytest.mark.parametrize(
    ("edits", "kind"),
    [
        ([], "texts"),
        ([("A fee is due.", "Please pay a fee.")], "texts"),
        ([("help: What is free.", "help: Nothing is due up to this.")], "texts"),
        ([HIGHER], "parameters"),
        ([HIGHER, ("A fee is due.", "Pay.")], "parameters"),
        ([("max: 500", "max: 600")], "rules"),
        ([("amount <= limit", "amount < limit")], "rules"),
        ([("max: 1000", "max: 900")], "rules"),
        ([("on_error: fee", "on_error: fee\nhit: worst")], "rules"),
        ([("id: small", "id: little")], "rules"),
        (
            [("source: test", "source: test\neffective_until: 2027-01-01T00:00:00Z\ngap_because: over")],
            "rules",
        ),
        ([("2026-01-01", "2026-02-01")], "rules"),
    ],
)
def test_edit_in_place(edits, kind):
    edited = FEES
    for before, after in edits:
        assert before in edited
        edited = edited.replace(before, after)
    assert kind_of_change(load(FEES), load(edited)) == kind


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (("A fee is due.", "Pay."), "texts"),
        (HIGHER, "parameters"),
        (("amount <= limit", "amount < limit"), "rules"),
    ],
)
def test_new_version(edit, kind):
    assert kind_of_change(load(FEES), load(f"{FEES}---\n{SECOND.replace(*edit)}")) == kind


def test_end_of_a_version_counts_as_what_returns():
    temporary = SECOND.replace(*HIGHER).replace(
        "source: test", "source: test\neffective_until: 2026-07-01T00:00:00Z"
    )
    both = f"{FEES}---\n{SECOND.replace(*HIGHER)}"
    assert kind_of_change(load(both), load(f"{FEES}---\n{temporary}")) == "parameters"


def test_withdrawn_version_counts_as_what_returns():
    withdrawn = SECOND.replace(*HIGHER).replace("source: test", "source: test\nwithdrawn: a mistake")
    both = f"{FEES}---\n{SECOND.replace(*HIGHER)}"
    assert kind_of_change(load(both), load(f"{FEES}---\n{withdrawn}")) == "parameters"


def test_policy_more_or_less():
    assert kind_of_change({}, load(FEES)) == kind_of_change(load(FEES), {}) == "rules"
