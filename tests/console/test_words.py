"""How pages write rules and values."""

import pytest

from console.reasons import said
from console.templatetags.desk import entry


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("chat-locked", "chat-locked"),
        ("blocked[normal/self_harm]", "blocked (normal, self harm)"),
        ("insults-add-up[dispute]", "insults-add-up (dispute)"),
    ],
)
def test_rule_and_row(name: str, written: str) -> None:
    assert entry(name) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01 12:00 UTC"),
        ("2026-03-01T12:00:01.000001Z", "2026-03-01 12:00:01.000001 UTC"),
        ("at 2026-03-01T12:00:00Z", "at 2026-03-01T12:00:00Z"),
        ({"closed_at": None, "open": True}, "closed at: nothing; open: yes"),
        ([], "no items"),
    ],
)
def test_value(value: object, written: str) -> None:
    assert said(value) == written
