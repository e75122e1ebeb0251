"""What made-up and labelled texts teach the heads of the encoder."""

from detectors.labelled import Labelled
from ml.training.kinds import FOUND, HEADS, MOST, lessons_of, made_up
from ml.training.parts import is_kept

KINDS = {row.group for row in made_up()}


def test_harmless_kinds_are_as_many_as_asked():
    asked = {"negation", "report", "quotation", "counter_speech", "idiom", "goods", "trade"}
    assert asked | FOUND.keys() <= {kind.removeprefix("made up ") for kind in KINDS}


def test_no_slot_is_left_open():
    assert not [row.text for row in made_up() if "{" in row.text or "}" in row.text]


def test_harmless_kinds_teach_every_head_that_they_are_none_of_its():
    lessons = lessons_of([row for row in made_up() if not row.category and not is_kept(row)])
    assert lessons and all(lesson.belongs == dict.fromkeys(HEADS, False) for lesson in lessons)


def test_extortion_is_a_threat():
    [lesson] = lessons_of([Labelled("Pay or all will know", "made up", "threat", "block", "block")])
    assert lesson.belongs == dict.fromkeys(HEADS, None) | {
        "threat": True,
        "sexual": False,
        "self_harm": False,
    }


def test_label_that_says_too_little_teaches_nothing():
    assert lessons_of([Labelled("x", "surge toxic", "", "", "")]) == []


def test_a_group_that_would_outnumber_the_others_is_cut():
    rows = [Labelled(f"x{n}", "edos other", "", "", "") for n in range(MOST["edos other"] + 9)]
    assert len(lessons_of(rows)) == MOST["edos other"]


def test_public_texts_teach_nothing_about_categories_that_nobody_labelled():
    [lesson] = lessons_of([Labelled("x", "davidson neither", "", "", "")])
    assert {head for head, belongs in lesson.belongs.items() if belongs is None} == {
        "sexual",
        "self_harm",
        "spam",
    }
