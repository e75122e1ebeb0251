"""Digests of meaning and text: stable, blind to what decides nothing, and different for everything else."""

import json
from pathlib import Path
from typing import get_args

import pytest

from documents.source import Source
from engine import load_sources
from engine.bundle import load_files
from engine.expression.typed import Typed
from engine.policy.digests import meaning_bytes, meaning_digest, text_bytes, text_digest
from engine.policy.validated import ValidatedPolicy
from tests.engine.corpus import read_texts
from tests.engine.policies import bundle_of

VECTORS = Path(__file__).parent / "vectors"
STAY = (VECTORS / "stay.yaml").read_text()


def validated(text: str) -> ValidatedPolicy:
    [version] = bundle_of(text).policies["stay"].all
    return version.validated


def changed(old: str, new: str) -> ValidatedPolicy:
    assert STAY.count(old) == 1, old
    return validated(STAY.replace(old, new))


def test_bytes_and_digests_are_those_of_the_vectors():
    """If this fails, every lock becomes invalid: never change the vectors, only add some."""
    stay = validated(STAY)
    wanted = json.loads((VECTORS / "digests.json").read_text())
    assert meaning_bytes(stay) == (VECTORS / "stay.meaning.json").read_bytes().rstrip(b"\n")
    assert text_bytes(stay.policy) == (VECTORS / "stay.text.json").read_bytes().rstrip(b"\n")
    assert [meaning_digest(stay), text_digest(stay.policy)] == wanted["stay"]


def test_policies_of_the_first_edition_keep_their_digests():
    wanted = json.loads((VECTORS / "digests.json").read_text())["first edition"]
    told = {}
    for frozen in read_texts():
        if frozen.origin in wanted:
            bundle = load_sources([Source("frozen.yaml", frozen.text)]).bundle
            assert bundle is not None
            told[frozen.origin] = [[meaning_digest(v), text_digest(v.policy)] for v in bundle.validated()]
    assert told == wanted
    assert len(wanted) == 9


def test_vector_has_every_kind_of_expression():
    kinds = {type(node) for tree in validated(STAY).trees() for node in tree.walk()}
    assert kinds == set(get_args(Typed))


def test_order_of_files_and_a_second_load_do_not_matter(tmp_path):
    (tmp_path / "stay.yaml").write_text(STAY)
    for _ in range(2):
        bundle = load_files([tmp_path / "stay.yaml"]).bundle
        assert bundle is not None
        assert meaning_bytes(bundle.validated()[0]) == meaning_bytes(validated(STAY))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "Less than {window} before; {price} is shared.",
            "Now {price} are shared, less than {window} before; {price}!",
        ),
        ("owner: hosts", "owner: guests"),
        ("summary: What a stay costs – “all in”.", "summary: Other words."),
        ("source: minutes of 1 April 2026\n", ""),
        ("    source: minutes\n", "    source: nobody knows\n"),
        ("help: What is let.", "help: What one can rent."),
        (", help: From here on a guest is trusted.", ""),
        ("then: full}\n  - {id: picked", "then: full, message: You are early.}\n  - {id: picked"),
        ("value: 24h", "value: 1d"),
        ("days(2)", "hours(48)"),
        ("soon && nights > 2", "(soon   &&   nights > 2)"),
        ("rows: [[room, 1.50, 0.1]", "rows: [[room, 1.5, 0.10]"),
        ("2026-05-01T00:00:00Z", "2026-05-01T02:00:00+02:00"),
    ],
)
def test_texts_and_spellings_are_no_part_of_the_meaning(old, new):
    stay, other = validated(STAY), changed(old, new)
    assert meaning_digest(other) == meaning_digest(stay)
    assert (text_digest(other.policy) == text_digest(stay.policy)) == (old == "rows: [[room, 1.50, 0.1]")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("revision: 2\n", ""),
        ("effective_until: 2027-05-01T00:00:00Z\n", ""),
        ("effective_until: 2027-05-01T00:00:00Z", "withdrawn: it was wrong"),
        ("gap_because: the season is over", "gap_because: winter"),
        ("# Every kind", "# Each kind"),
        ("    then: part\n    status", "    then: part   # as agreed\n\n    status"),
        ("owner: hosts", 'owner: "hosts"'),
        (
            "owner: hosts\nsummary: What a stay costs – “all in”.",
            "summary: What a stay costs – “all in”.\nowner: hosts",
        ),
    ],
)
def test_life_of_a_version_and_layout_are_in_neither_digest(old, new):
    stay, other = validated(STAY), changed(old, new)
    assert meaning_digest(other) == meaning_digest(stay)
    assert text_digest(other.policy) == text_digest(stay.policy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 3", "version: 4"),
        ("effective_from: 2026-05-01T00:00:00Z", "effective_from: 2026-05-01T00:00:00.000001Z"),
        ("in_force_by: booked_at\n", ""),
        ("in_force_by: booked_at", "in_force_by: starts_at"),
        ("hit: worst", "hit: first"),
        ("obligations: [send_mail, pay_back]", "obligations: [send_mail]"),
        ("    obligations: [send_mail]\n", ""),
        ("booked_at: {type: timestamp, show: true}", "booked_at: timestamp"),
        ("{type: string, private: true}", "string"),
        (", fixed: true", ""),
        ("nights: {type: int, min: 1, max: 60}", "nights: {type: int, min: 1, max: 61}"),
        ("max_items: 20", "max_items: 21"),
        ("max_length: 40", "max_length: 41"),
        ("starts_at: timestamp\n  left_at: \"timestamp?\"", "left_at: \"timestamp?\"\n  starts_at: timestamp"),
        ("max: 30d, show: true", "max: 31d, show: true"),
        ("value: 24h", "value: 25h"),
        ("value: 4.0", "value: 4.25"),
        ("value: [a, b]", "value: [b, a]"),
        ("[house, 20.00, 0.25]", "[house, 20.01, 0.25]"),
        ("[room, 1.50, 0.1], [house, 20.00, 0.25]", "[house, 20.00, 0.25], [room, 1.50, 0.1]"),
        ("days_left < window", "days_left <= window"),
        ("    status: conflict\n", ""),
        ("id: gone", "id: left"),
        ("unless: trusted_guest", "unless: gone"),
        ("    unless: trusted_guest\n", ""),
        ("{window} before; {price} is", "{window} before; it is"),
        ('"{row.fee} is kept."', '"{row.share} is kept."'),
        ("Less than {window} before", "Less than {window} before {booked_at}"),
        ("{refund} is paid back.", "Something is paid back."),
        ("default: 0.00", "default: 0.01"),
        ("starts_at + window", "starts_at - window"),
        ("half_even", "half_up"),
        ("set: {refund: fee}", "set: {refund: total}"),
        ("e.used", "!e.used"),
        ("  - {id: gone, when: gone || noisy || !paid, then: none, set: {refund: fee}}\n", ""),
        ("on_error: none", "on_error: part"),
    ],
)  # fmt: skip
def test_whatever_can_be_noticed_is_part_of_the_meaning(old, new):
    assert meaning_digest(changed(old, new)) != meaning_digest(validated(STAY))
