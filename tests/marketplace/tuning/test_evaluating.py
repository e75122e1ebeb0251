"""The numbers of a set without a browser, and its signals as cases."""

import json
from html.parser import HTMLParser
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from typer.testing import CliRunner

from decisions import bundles
from engine.cli import commands
from marketplace.moderation.services import POLICY
from marketplace.tuning.evaluating import evaluate_set
from marketplace.tuning.models import LabelledSet
from marketplace.tuning.sets import find_set, samples_of
from marketplace.tuning.thresholds import Evaluation, Texts
from tests.marketplace.factories import NOW
from tests.marketplace.tuning.conftest import load

CANARY = "quokka"
LINES = f"""text,labels
threat:0.9 {CANARY},threat
threat:0.4 {CANARY},threat
threat:0.32+classifier,
insult:0.9 {CANARY},
hello,
hello there,spam
"""
pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> LabelledSet:
    load(LINES)
    load(LINES, mode="dispute")
    return find_set("texts")


def command(*words: str) -> str:
    out = StringIO()
    call_command("moderation", *words, stdout=out)
    return out.getvalue()


def test_numbers_are_those_that_the_policy_decides(loaded):
    found = json.loads(command("evaluate", "--set", "texts", "--format", "json"))
    version = bundles.current().version_at(POLICY, NOW)
    assert found["now"] == Evaluation(Texts(samples_of(loaded)), version, now=NOW).to_dict()
    everything = found["now"]["normal"]["all"]
    sides = [everything[side] for side in ("passed", "flagged", "held", "blocked")]
    assert (sides, everything["labelled"]) == ([2, 2, 0, 2], 3)
    assert found["now"]["dispute"]["all"]["blocked"] == 1
    threat = found["now"]["normal"]["threat"]
    assert (threat["precision"]["hits"], threat["precision"]["of"], threat["recall"]["of"]) == (2, 3, 2)
    assert found["then"] is None and found["changes"] == []
    assert LabelledSet.objects.get().frozen_at is not None


def test_other_parameters_tell_which_texts_change_sides(loaded, tmp_path):
    path = tmp_path / "parameters.yaml"
    path.write_text("thresholds[normal/threat].flag: 0.4\nlook_from: 0.4\n")
    found = json.loads(command("evaluate", "--set", "texts", "--parameters", str(path), "--format", "json"))
    [change] = found["changes"]
    third = samples_of(loaded)[2].number
    assert change == {"number": third, "labels": [], "before": "flagged", "after": "passed"}
    assert found["then"]["normal"]["threat"]["precision"]["of"] == 2
    text = command("evaluate", "--set", "texts", "--parameters", str(path))
    assert "1 text on another side" in text and f"sample {third}, harmless: flagged, then passed" in text
    assert text.startswith("texts, version 1: 12 texts, 6 of them with a category\n\nnormal")


def test_page_is_complete_and_has_no_text(loaded, tmp_path):
    path = tmp_path / "parameters.json"
    path.write_text('{"look_from": 0.5}')
    shown = [
        command("evaluate", "--set", "texts", "--parameters", str(path), "--format", each)
        for each in ("text", "json", "html")
    ]
    assert CANARY not in "".join(shown)
    opened: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: opened.append(tag)  # type: ignore[method-assign]
    parser.feed(shown[2])
    assert opened.count("table") == 2 and "script" not in opened
    assert "<td>12</td>" not in shown[2] and "look_from = 0.5" in shown[2]


@pytest.mark.parametrize(
    "text, problem",
    [
        ("[", "this is neither YAML nor JSON"),
        ("[]", "there are no names with numbers, such as `look_from: 0.4`"),
        (
            "look_form: 0.4",
            "`look_form` is no number of `moderation_profiles`\nhint: did you mean `look_from`?",
        ),
        ("look_from: yes", "`look_from` is not set to a number"),
        ("look_from: 2", "`look_from`: This should be at most 0.9."),
        ("insult_from: .nan", "`insult_from`: This should be a number."),
    ],
)
def test_wrong_parameters_are_told_with_their_file(text, problem, loaded, tmp_path):
    path = tmp_path / "parameters.yaml"
    path.write_text(text)
    with pytest.raises(CommandError) as refused:
        command("evaluate", "--set", "texts", "--parameters", str(path))
    assert str(refused.value) == f"{path}: {problem}"


def test_unknown_set_and_version_are_told(loaded):
    with pytest.raises(CommandError, match="there is no set `other`; choose among `texts`"):
        command("evaluate", "--set", "other")
    with pytest.raises(CommandError, match="the set `texts` has no version 7: its newest is 1"):
        command("evaluate", "--set", "texts", "--version", "7")


def test_agreement_is_told_beside_the_numbers(loaded):
    assert [each.texts for each in evaluate_set(loaded, {}, now=NOW).agreement] == [0] * 10


def test_exported_signals_become_cases_whose_failures_are_the_mistakes(loaded, tmp_path):
    lines = command("export-signals", "texts")
    assert CANARY not in lines
    wanted = [(each["facts"]["mode"], each["expect"]) for each in map(json.loads, lines.splitlines())]
    assert wanted[:4] == [
        ("normal", {"outcome": "block", "rule": "blocked[normal/threat]"}),
        ("normal", {"outcome": "block", "rule": "blocked[normal/threat]"}),
        ("normal", {"outcome": "allow", "rule": "nothing-found"}),
        ("normal", {"outcome": "allow", "rule": "nothing-found"}),
    ]
    signals, cases = tmp_path / "signals.jsonl", tmp_path / "cases.yaml"
    signals.write_text(lines)
    run = CliRunner()
    made = run.invoke(commands(), ["cases", "from-signals", str(signals), "--output", str(cases)])
    assert made.exit_code == 0, made.stderr
    tested = run.invoke(commands(), ["test", str(cases)])
    assert tested.exit_code == 1
    assert "tolerated[dispute/insult]" in cases.read_text()
    assert "3 cases passed, 7 failed" in tested.stdout
    assert "2 lines wanted another outcome" in made.stderr.replace("\n", " ")
