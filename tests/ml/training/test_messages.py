"""Our own messages are read strictly, and teach the encoder's heads what their kind says."""

import shutil

import pytest

from ml.training.kinds import HEADS, MENACING, PASSED_WEIGHT, STOPPED_WEIGHT, lessons_of
from ml.training.messages import FLAGGED, KINDS, MESSAGES, PASSED, THREATS, BadMessages, read_messages


def taught(kind: str) -> dict[str, bool | None]:
    [lesson, *_] = lessons_of([row for row in read_messages() if row.group == f"written {kind}"])
    return dict(lesson.belongs)


def test_every_kind_has_messages_and_about_a_third_must_be_found():
    rows = read_messages()
    assert {row.group for row in rows} == {f"written {kind}" for kind in KINDS}
    assert 0.3 < sum(row.category != "" for row in rows) / len(rows) < 0.5


@pytest.mark.parametrize("kind", THREATS)
def test_kinds_of_threats_teach_one_of_two_heads_and_are_no_distress(kind):
    head = "menace" if f"written {kind}" in MENACING else "threat"
    assert taught(kind) == dict.fromkeys(HEADS, None) | {head: True, "sexual": False, "self_harm": False}


def test_one_in_ten_messages_is_kept_for_calibration():
    rows = read_messages()
    assert 0.08 < sum(row.part == "dev" for row in rows) / len(rows) < 0.12
    assert {row.part for row in rows} == {"", "dev"}


@pytest.mark.parametrize("kind", sorted(FLAGGED))
def test_kinds_to_flag_may_be_delivered_and_teach_their_category(kind):
    rows = [row for row in read_messages() if row.group == f"written {kind}"]
    assert {(row.normal, row.dispute) for row in rows} == {("", "")}
    assert {head for head, belongs in taught(kind).items() if belongs} == {FLAGGED[kind]}


@pytest.mark.parametrize("kind", sorted(PASSED))
def test_kinds_that_must_pass_are_nothing(kind):
    assert taught(kind) == dict.fromkeys(HEADS, False)


def test_messages_weigh_more_if_they_must_be_found():
    weights = {(bool(row.category), lessons_of([row])[0].weight) for row in read_messages()}
    assert weights == {(True, STOPPED_WEIGHT), (False, PASSED_WEIGHT)}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("insult.txt", "You are an idiot.\n", "messages: must have a file for each of abuse, advice"),
        ("threat.txt", "Pay.\n\nOr else.\n", r"threat\.txt:2: is empty; write one message a line"),
        ("threat.txt", "Pay.\n  \n", r"threat\.txt:2: is empty; write one message a line"),
        ("banter.txt", "See you.\nSee you.\n", "messages: `See you.` is there twice"),
    ],
)
def test_folder_that_says_something_else_is_refused(tmp_path, name, text, problem):
    folder = shutil.copytree(MESSAGES, tmp_path / "messages")
    (folder / name).write_text(text, "utf-8")
    with pytest.raises(BadMessages, match=problem):
        read_messages(folder)


def test_folder_without_a_kind_is_refused(tmp_path):
    folder = shutil.copytree(MESSAGES, tmp_path / "messages")
    (folder / "threat.txt").unlink()
    with pytest.raises(BadMessages, match="messages: must have a file for each of abuse, advice"):
        read_messages(folder)
