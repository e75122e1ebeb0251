"""Our own messages are read strictly, and teach the encoder's heads what their kind says."""

import pytest
import yaml

from ml.training.kinds import HEADS, PASSED_WEIGHT, STOPPED_WEIGHT, lessons_of
from ml.training.messages import MESSAGES, PASSED, STOPPED, THREATS, BadMessages, read_messages


def taught(kind: str) -> dict[str, bool | None]:
    [lesson, *_] = lessons_of([row for row in read_messages() if row.group == f"written {kind}"])
    return dict(lesson.belongs)


def test_every_kind_has_messages_and_about_half_must_be_stopped():
    rows = read_messages()
    assert {row.group for row in rows} == {f"written {kind}" for kind in STOPPED.keys() | PASSED}
    assert 0.4 < sum(row.dispute == "block" for row in rows) / len(rows) < 0.6


@pytest.mark.parametrize("kind", THREATS)
def test_kinds_of_threats_are_threats_and_say_little_else(kind):
    assert taught(kind) == {"threat": True, "violence": None, "hate": None, "abuse": None}


@pytest.mark.parametrize("kind", sorted(PASSED))
def test_kinds_that_must_pass_are_nothing(kind):
    assert taught(kind) == dict.fromkeys(HEADS, False)


def test_messages_weigh_more_if_they_must_be_stopped():
    weights = {(bool(row.category), lessons_of([row])[0].weight) for row in read_messages()}
    assert weights == {(True, STOPPED_WEIGHT), (False, PASSED_WEIGHT)}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"insult": ["You are an idiot."]}, "must have the kinds"),
        ({"threat": None}, "`threat` must be a list of texts"),
        ({"threat": ["Pay.", 5]}, "`threat` must be a list of texts"),
        ({"threat": [""]}, "`threat` must be a list of texts"),
        ({"banter": ["See you.", "See you."]}, "`See you.` is there twice"),
    ],
)
def test_file_that_says_something_else_is_refused(tmp_path, change, problem):
    path = tmp_path / "messages.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(MESSAGES.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(BadMessages, match=problem):
        read_messages(path)


def test_file_without_a_kind_is_refused(tmp_path):
    path = tmp_path / "messages.yaml"
    path.write_text('threat: ["Pay or else."]\n', "utf-8")
    with pytest.raises(BadMessages, match=r"messages\.yaml: must have the kinds abuse, advice"):
        read_messages(path)
