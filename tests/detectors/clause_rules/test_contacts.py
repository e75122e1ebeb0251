"""Addresses, numbers and links are contact details; prices, dates and order numbers are not."""

import pytest

from tests.detectors.shipped import pipeline


def contacts(text: str) -> list[tuple[str, str]]:
    kinds = ("spam.email", "spam.phone", "spam.link", "spam.address")
    return [(s.rule, text[s.start : s.end]) for s in pipeline().examine(text).signals if s.rule in kinds]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Write to Bea.Best@mail.example, please", [("spam.email", "Bea.Best@mail.example")]),
        ("Call +49 151 23456789 now", [("spam.phone", "+49 151 23456789")]),
        ("Call 0151-2345-6789 now", [("spam.phone", "0151-2345-6789")]),
        ("Call (555) 123-4567 now", [("spam.phone", "(555) 123-4567")]),
        ("See t.me/double_coin", [("spam.link", "t.me/double_coin")]),
        (
            "Track it on https://post.example/track?id=4 today",
            [("spam.address", "https://post.example/track?id=4")],
        ),
        ("Order 20391827364, 1.200 x 600 mm, 12.04.2026, 350€", []),
        ("SN 9781234567897 and 10:30-11:45", []),
    ],
)
def test_contact_details(text, rules):
    assert contacts(text) == rules
