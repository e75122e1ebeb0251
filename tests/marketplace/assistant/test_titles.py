"""Titles: a table of real messages, and properties that hold for any text."""

import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.assistant.titles import MARKS, clean, cut, graphemes, words
from tests.sampling import sample
from tests.work import TIMES, expect_linear

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
TITLES = [
    # # the message, and its title within 60 graphemes; "" if nothing in it makes a title
    ("Where is my parcel?", "Where is my parcel?"),
    ("  Where \t is\n\nmy   parcel? ", "Where is my parcel?"),
    ("", ""),
    (" \t\n\r\u00a0\u2003\u3000", ""),
    ("\u200b\u200c\u200d\u2060\ufeff", ""),
    ("\u202e\u2066\u2069\u200f", ""),
    ("\x00\x07\x1b\x7f\x9f", ""),
    ("\ufe0f", ""),
    ("\u0301\u0302", ""),
    ("\u2800\u2800", ""),
    ("\u3164\u115f\u1160\uffa0", ""),
    ("\u034f", ""),
    ("a\u200bb\u200dc\u2060d", "abcd"),
    ("pay\u202epal", "paypal"),
    ("\ufeffHello desk", "Hello desk"),
    ("de\u00adsk", "desk"),
    ("tab\tline\u2028para\u2029end", "tab line para end"),
    ("a\x1b[31mred", "a[31mred"),
    ("Ｆｕｌｌ ｗｉｄｔｈ", "Full width"),
    ("ﬁne ﬂat ① ½", "fine flat 1 1⁄2"),
    ("e\u0301te\u0301", "été"),
    ("Å \u212b A\u030a", "Å Å Å"),
    ("한글", "한글"),
    (FAMILY, FAMILY),
    (f"{FAMILY} needs a desk", f"{FAMILY} needs a desk"),
    (FAMILY * 60, FAMILY * 60),
    (FAMILY * 61, FAMILY * 59 + "…"),
    ("👍🏽 👋🏿", "👍🏽 👋🏿"),
    ("👩🏽\u200d💻 at work", "👩🏽\u200d💻 at work"),
    ("❤️\u200d🔥", "❤️\u200d🔥"),
    ("🇩🇪🇫🇷", "🇩🇪🇫🇷"),
    ("🇩🇪" * 70, "🇩🇪" * 59 + "…"),
    ("x\u200d👍", "x👍"),
    ("👍\u200d", "👍"),
    ("e" + "\u0301" * 40 + "desk", "desk"),
    ("q\u0323\u0307" * 61, "q\u0323\u0307" * 59 + "…"),
    ("क्षि नमस्ते", "क्षि नमस्ते"),
    ("שלום, איפה החבילה?", "שלום, איפה החבילה?"),
    ("\u202bשלום\u202c", "שלום"),
    ("مرحبا أين طردي", "مرحبا أين طردي"),
    ("你好" * 40, "你好" * 29 + "你…"),
    ("???", "???"),
    ("!!! ... ---", "!!! ... ---"),
    ("…", "..."),
    ("word " * 30, "word word word word word word word word word word word word…"),
    ("a" * 60, "a" * 60),
    ("a" * 61, "a" * 59 + "…"),
    ("a" * 59 + " b", "a" * 59 + "…"),
    ("a" * 58 + " bc", "a" * 58 + "…"),
    (
        "one, two, three, four, five, six, seven, eight, nine, ten, eleven",
        "one, two, three, four, five, six, seven, eight, nine, ten…",
    ),
    ("x " + "y" * 80, "x…"),
    ("Call +49 170 1234567 please", "Call [phone] please"),
    ("Call (030) 123-4567", "Call [phone]"),
    ("Call 0170/1234567.", "Call [phone]."),
    ("Call +１ ２０２ ５５５ ０１７５", "Call [phone]"),
    ("Call +4\u200b9 170 12\u200b34567", "Call [phone]"),
    ("Order 2026-11-01 came late", "Order 2026-11-01 came late"),
    ("It was the 01.11.2026", "It was the 01.11.2026"),
    ("I paid 1,200,000 for 12 x 34", "I paid 1,200,000 for 12 x 34"),
    ("2026-11-28 14:30 delivery", "2026-11-28 14:30 delivery"),
    ("28.11.2026 14.30 delivery", "28.11.2026 14.30 delivery"),
    ("at 14:30 28.11.2026", "at 14:30 28.11.2026"),
    ("28.11.2026 - 30.11.2026 away", "28.11.2026 - 30.11.2026 away"),
    ("2026-11-28 9-12 please", "2026-11-28 9-12 please"),
    ("11/28/2026 2026-11-30", "11/28/2026 2026-11-30"),
    ("2026-11-28 0170 1234567", "[phone]"),
    ("2026-13-28 14:30", "[phone]:30"),
    ("desk 120 x 60 x 75 cm 1200 600 750", "desk 120 x 60 x 75 cm 1200 600 750"),
    ("desk 1200/600/750", "desk 1200/600/750"),
    ("desk 1200-600-750mm", "desk 1200-600-750mm"),
    ("wide 1200 600 750", "wide [phone]"),
    ("555 123 4567 m", "[phone] m"),
    ("192.168.178.100 router", "192.168.178.100 router"),
    ("192.168.178.100-120 router", "192.168.178.100-120 router"),
    ("192.168.178.256 router", "[phone] router"),
    ("Walnut desk 2024-2025-2026 edition", "Walnut desk 2024-2025-2026 edition"),
    ("Tickets 2024/25 2025/26", "Tickets 2024/25 2025/26"),
    ("Is ISBN 9783161484100 in stock", "Is ISBN 9783161484100 in stock"),
    ("978-3-16-148410-0 please", "978-3-16-148410-0 please"),
    ("978-3-16-148410-1 please", "[phone] please"),
    ("ISBN-10: 3-16-148410-X", "ISBN-10: 3-16-148410-X"),
    ("ISBN 0-306-40615-2", "ISBN 0-306-40615-2"),
    ("0-306-40615-2", "[phone]"),
    ("(415) 555-2671 evenings", "[phone] evenings"),
    ("call 020.7946.0958 now", "call [phone] now"),
    ("Order 12345678 is missing", "Order 12345678 is missing"),
    ("Write to bea@example.com now", "Write to [email] now"),
    ("bea.b+desk@mail.example.co.uk", "[email]"),
    ("See https://example.com/a?b=c#d now", "See [link] now"),
    ("www.example.com is mine", "[link] is mine"),
    ("wa.me/491701234567", "[link]"),
    ("I am @bea_b on the other app", "I am [handle] on the other app"),
    ("3 @ 5 each", "3 @ 5 each"),
    ("+49 170 1234567@bea_b", "[phone][handle]"),
    ("Is it 1.5/2 full?", "Is it 1.5/2 full?"),
    ("\ud800broken", "broken"),
    ("\ufffe\uffff\U000e0041", ""),
    ('<b>bold</b> & "quoted"', '<b>bold</b> & "quoted"'),
]


def title(text: str) -> str:
    return cut(clean(text), 60)


@pytest.mark.parametrize(("text", "expected"), TITLES)
def test_title_is_what_the_table_says(text, expected):
    assert title(text) == expected


def test_table_has_sixty_cases():
    assert len(TITLES) >= 60


@pytest.mark.parametrize(
    "text", ["desk " * 2_000_000, "e\u0301" * 4_000_000, "\u200b" * 10_000_000, "+1" * 5_000_000]
)
def test_ten_megabytes_are_no_more_work_than_a_page(text):
    result = title(text)
    assert len(graphemes(result)) <= 60
    assert result == title(text[:25_000])


HOSTILE = [
    "+49 1701234567" + "@abc" * 5_000,
    "a.b/" * 5_000,
    "1 " * 10_000,
    "a@b" * 7_000,
    "(" * 20_000,
    "\u200d👩" * 9_000,
    "[phone]" * 3_000,
    "www." * 5_000,
    "1.1.1.1/" * 2_500,
    "\ufdfa" * 20_000,
    "a" + "\u0300" * 19_999,
]


@pytest.mark.parametrize("text", sample(HOSTILE, every=3), ids=range(len(HOSTILE)))
def test_hostile_text_is_cleaned_in_time_that_grows_with_its_length(text):
    shorter = text[: len(text) // TIMES]
    expect_linear(lambda: title(shorter), lambda: title(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where's my parcel, Bea?", ["Where's", "my", "parcel", "Bea"]),
        ("+49 170 1234567", []),
        ("bea@example.com www.example.com @bea", []),
        ("👍 !!!", []),
        ("I’m here", ["I’m", "here"]),
    ],
)
def test_words_are_without_punctuation_and_without_contact_details(text, expected):
    assert words(clean(text)) == expected


TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            [
                FAMILY,
                "🇩🇪",
                "👍🏽",
                "e\u0301",
                "\u200d",
                "\u202e",
                " ",
                "\n",
                "ﬁ",
                "word",
                "…",
                "[",
                "@",
                "+49 170 1234567",
                "्",
                "ᄀ",
                "ᅡ",
                "\ufe0f",
                "\U000e0067",
            ]
        ),
        max_size=90,
    ).map("".join),
)
UNSEEN = regex.compile(r"(?!\u200D(?=\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]")


def test_any_text_gives_the_same_clean_title_of_whole_graphemes(scale):
    given(TEXTS, st.integers(20, 120))(settings(deadline=None, max_examples=scale.examples)(expect_a_title))()


def expect_a_title(text: str, most: int) -> None:
    cleaned = clean(text)
    result = cut(cleaned, most)
    assert clean(text) == cleaned
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFKC", cleaned)
    parts = graphemes(result)
    assert len(parts) <= most
    assert all(len(part) <= MARKS for part in graphemes(cleaned))
    assert UNSEEN.search(result) is None
    assert result == " ".join(result.split())
    if cleaned:
        assert result
    if result != cleaned:
        assert parts[-1] == "…"
        assert graphemes(cleaned)[: len(parts) - 1] == parts[:-1]
