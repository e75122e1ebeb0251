"""`manage.py moderation compare-detectors`: another version of the detectors on the texts of a set."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from decisions.models import DecisionRecord
from marketplace.tuning.comparing import examinations_of
from marketplace.tuning.models import Finding, LabelledSet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_versions(settings) -> None:
    settings.MODERATION_PIPELINE = "tests.marketplace.tuning.milder.by_folder"


@pytest.fixture
def milder(tmp_path: Path) -> Path:
    folder = tmp_path / "milder"
    folder.mkdir()
    return folder


def compare(*arguments: object) -> str:
    out = StringIO()
    call_command("moderation", "compare-detectors", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_comparison_in_words(labelled: LabelledSet, milder: Path) -> None:
    said = compare("texts", "--models", milder).splitlines()
    assert said[0] == "3 texts, examined by both"
    assert (
        "  thresholds[normal/threat].block: 0.80 -> 0.55; recall 1/2, 0/2 if it stays, 1/2 translated" in said
    )
    assert (
        "  thresholds[normal/insult].flag: 0.40 stays; recall 1/1, 0/1 if it stays (no threshold keeps the recall)"
        in said
    )
    stays = said.index("if the thresholds stay:")
    assert said[stays + 1 :] == [
        "  1 labelled: blocked -> held",
        "  1 labelled: flagged -> passed",
        "with translated thresholds:",
        "  1 labelled: flagged -> passed",
    ]


def test_comparison_for_programs_names_texts_by_number(labelled: LabelledSet, milder: Path) -> None:
    found = json.loads(compare("texts", "--policies", milder, "--format", "json"))
    assert found["texts"] == 3
    assert found["changes"]["if_thresholds_stay"] == [
        {
            "number": Finding.objects.get(sample__reference="1").sample_id,
            "labels": ["threat"],
            "before": "blocked",
            "after": "held",
        },
        {
            "number": Finding.objects.get(sample__reference="3").sample_id,
            "labels": ["insult", "threat"],
            "before": "flagged",
            "after": "passed",
        },
    ]
    assert {each["threshold"] for each in found["thresholds"]} == {
        cell.format(mode)
        for mode in ("normal", "dispute")
        for cell in (
            "thresholds[{}/threat].flag",
            "thresholds[{}/threat].block",
            "classifier_may_hold[{}/threat].hold",
        )
    } | {"thresholds[normal/insult].flag", "thresholds[normal/insult].block"}
    assert "door" not in json.dumps(found)


def test_nothing_is_recorded(labelled: LabelledSet) -> None:
    compare("texts", "--classifier", "detoxify")
    assert len(examinations_of(labelled)) == 1
    assert DecisionRecord.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("texts",), "say what differs: --models, --policies or --classifier"),
        (("text", "--classifier", "none"), "there is no set `text`; choose among `texts`"),
        (("texts", "--models", "/nowhere/models"), "there is no folder `/nowhere/models`"),
    ],
)
def test_mistakes_are_told(labelled: LabelledSet, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError) as refused:
        compare(*arguments)
    assert str(refused.value) == said


def test_detectors_that_do_not_work_are_not_compared(labelled: LabelledSet, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    with pytest.raises(CommandError) as refused:
        compare("texts", "--models", tmp_path / "broken")
    assert str(refused.value) == "the other detectors do not work: classifier 1: `broken` has no model"
