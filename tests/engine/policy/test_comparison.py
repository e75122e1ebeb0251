"""What changed between two versions, in words."""

from pathlib import Path

import pytest

from engine.policy.comparison import compare
from tests.engine.policies import bundle_of

STAY = (Path(__file__).parent / "vectors" / "stay.yaml").read_text()


def told(*edits: tuple[str, str]) -> list[str]:
    """The changes from the vector to an edited copy, without those of its number and moment."""
    text = STAY.replace("version: 3", "version: 4")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    old, new = bundle_of(STAY, text.replace("policy: stay", "policy: other")).validated()
    return [line for change in compare(old, new) for line in (change.sentence(), *change.details)]


def test_nothing_to_tell_about_equal_versions():
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("  paid: bool\n", "  paid: bool\n  vat: {type: int, min: 0}\n", ["the fact `vat` was added"]),
        (
            "rating: {type: double, min: -0.5, max: 5.0}",
            "rating: {type: double, max: 6.0, fixed: true}",
            ["the fact `rating` was changed", "min `-0.5` was dropped", "max was `5.0`, and is `6.0`", "mark `fixed` was added"],
        ),
        ("value: 24h", "value: 36h", ["the parameter `window` was changed", "value was `1d`, and is `36h`"]),
        ("value: 24h", "value: 1d", []),
        ("max_items: 20}", "max_items: 30}", [
            "the fact `tags` was changed",
            "type was `list of string (max_items 20)`, and is `list of string (max_items 30)`",
        ]),
        (
            "[house, 20.00, 0.25]",
            "[house, 25.00, 0.25]",
            ["the parameter `fees` was changed", "row house was `house, 20.00, 0.25`, and is `house, 25.00, 0.25`"],
        ),
        (
            "soon: days_left < window",
            "soon: days_left <= window",
            ["the condition `soon` was changed", "expression was `days_left < window`, and is `days_left <= window`"],
        ),
        ("soon: days_left < window", "soon: (days_left  <  window)", []),
        (
            "unless: trusted_guest\n    then: part",
            "then: none",
            ["the rule `late` was changed", "unless `trusted_guest` was dropped", "then was `part`, and is `none`"],
        ),
        ("{window} before;", "{window} ahead;", [
            "the rule `late` was changed",
            "message was `Less than {window} before; {price} is shared.`, and is `Less than {window} ahead; {price} is shared.`",
        ]),
        ("default: 0.00", "default: 1.00", ["the output `refund` was changed", "default was `0.00`, and is `1.00`"]),
        ("on_error: none", "on_error: part", ["`policy` was changed", "on_error was `none`, and is `part`"]),
        ("  id: else\n", "  id: rest\n", ["`otherwise` was changed", "id was `else`, and is `rest`"]),
        ("id: late", "id: short-notice", ["the rule `late` is now called `short-notice`"]),
        ("rating", "stars", ["the fact `rating` is now called `stars`"]),
        ("window", "span", ["the parameter `window` is now called `span`"]),
        ("trusted_guest", "known_guest", ["the condition `trusted_guest` is now called `known_guest`"]),
        ("booked_at", "begun_at", ["the fact `booked_at` is now called `begun_at`"]),
    ],
)  # fmt: skip
def test_one_change(old, new, wanted):
    assert told((old, new)) == wanted


def test_renamed_and_changed_part_is_both():
    assert told(("rating", "stars"), ("max: 5.0", "max: 6.0")) == [
        "the fact `rating` was dropped",
        "the fact `stars` was added",
        "the condition `trusted_guest` was changed",
        "expression was `guest_id in trusted || rating >= best`, and is `guest_id in trusted || stars >= best`",
        "the rule `by-kind` was changed",
        "when was `row.kind == kind && rating < row.share`, and is `row.kind == kind && stars < row.share`",
    ]


def test_dropped_and_moved_rules():
    gone = "  - {id: gone, when: gone || noisy || !paid, then: none, set: {refund: fee}}\n"
    assert told((gone, "")) == ["the rule `gone` was dropped"]
    early = "  - {id: early, when: 'size(extras.filter(e, e.used)) == 0 && booked_at > since', then: full}\n"
    moved = told((gone + early, early + gone))
    assert moved == ["the rule `early` was moved", "it is now after `by-kind`"] or moved == [
        "the rule `gone` was moved",
        "it is now after `early`",
    ]
