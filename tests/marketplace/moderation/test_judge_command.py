"""`manage.py moderation judge`: one result per text, in order, nothing recorded."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from decisions.models import DecisionRecord
from marketplace.moderation.models import QueueItem

pytestmark = pytest.mark.django_db


def judge(*args) -> list[dict]:
    out = io.StringIO()
    call_command("moderation", "judge", *args, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_json_lines_are_judged_in_order(tmp_path):
    path = tmp_path / "texts.jsonl"
    lines = ["Is it oak?", "You threat:0.9", "Perhaps threat:0.5", "profanity:0.9"]
    path.write_text("\n".join(json.dumps({"text": line, "id": 7}) for line in lines) + "\n\n")

    answers = judge(str(path), "--mode", "dispute")

    assert [(a["outcome"], a["held"]) for a in answers] == [
        ("allow", False),
        ("block", False),
        ("flag", True),
        ("allow", False),
    ]
    assert answers[1].keys() == {"outcome", "held", "rule", "obligations", "signals"}
    assert answers[1]["rule"] == "blocked[dispute/threat]"
    assert [s["category"] for s in answers[1]["signals"]] == ["threat"]
    assert answers[2]["obligations"] == ["queue_review", "hold"]
    assert judge(str(path))[3]["outcome"] == "block"
    assert DecisionRecord.objects.count() == QueueItem.objects.count() == 0


def test_csv_and_explanations(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text('id,text\n1,"two\nlines, threat:0.9"\n2,fine\n')
    first, second = judge(str(path), "--explain")
    assert (first["outcome"], second["outcome"]) == ("block", "allow")
    assert first["explanation"]["rules"]


def test_standard_input_is_read_line_by_line(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO('{"text": "hello"}\n'))
    assert [answer["outcome"] for answer in judge("-")] == ["allow"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "x"}\nnonsense\n', "line 2 is not JSON"),
        ("a.jsonl", '{"words": "x"}\n', 'line 1 is not an object with a string "text"'),
        ("a.csv", "words\nx\n", "the first line has no column `text`"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(CommandError, match=message):
        judge(str(path))


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        judge(str(tmp_path / "absent.jsonl"))
