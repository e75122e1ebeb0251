"""`manage.py moderation calibrate`: calibrates on your own texts, and changes nothing if they are not enough."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from detectors.classifier import load_classifier, own_calibration
from detectors.labelled import Labelled, write_labelled
from tests.detectors.texts import MODELS


@pytest.fixture
def models(settings, tmp_path) -> Path:
    settings.MODERATION_MODELS = tmp_path / "models"
    for network in ("toxlstm", "encoder"):
        shutil.copytree(MODELS / network, settings.MODERATION_MODELS / network)
    return settings.MODERATION_MODELS


def labelled(path: Path, threats: int) -> Path:
    bad = [
        Labelled(f"I will kill you, number {n}", "ours", "threat", "block", "block") for n in range(threats)
    ]
    good = [Labelled(f"The parcel number {n} came late", "ours", "", "pass", "pass") for n in range(12)]
    write_labelled(path, bad + good)
    return path


def test_heads_with_enough_texts_are_fitted_and_used_from_then_on(models, tmp_path):
    before, said = load_classifier(models).calibration, StringIO()
    call_command("moderation", "calibrate", str(labelled(tmp_path / "texts.csv", 12)), stdout=said)
    after = load_classifier(models).calibration
    changed = {head for head, curve in after.curves.items() if curve != before.curves[head]}
    assert changed == {"both.threat", "encoder.menace"}
    assert after.version != before.version
    assert (
        said.getvalue().splitlines()[0]
        == f"24 texts: 2 classifier heads calibrated, written to {own_calibration(models)}"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [("text,group\nhello,ours\n", "column `category` is missing"), (None, "No such file")],
)
def test_texts_that_do_not_do_change_nothing(models, tmp_path, text, problem):
    path = tmp_path / "texts.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CommandError, match=problem):
        call_command("moderation", "calibrate", str(path))
    assert not own_calibration(models).exists()


def test_share_is_a_part(models, tmp_path):
    with pytest.raises(CommandError, match="between 0 and 1"):
        call_command("moderation", "calibrate", str(labelled(tmp_path / "t.csv", 12)), "--share", "2")
