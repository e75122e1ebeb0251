"""python -m ml.training DATA MODELS: measure with each data set held out, then train and calibrate on all of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from detectors.calibrate import calibrate
from detectors.calibration import save_calibration
from detectors.classifier import Classifier, shipped_classifier
from detectors.labelled import Labelled
from detectors.toxlstm import WEIGHTS, Network, Toxlstm
from ml.benchmark.sources import read_sources
from ml.training.fit import MADE_UP, fit_heads, read_windows
from ml.training.parts import is_kept
from ml.training.report import report
from ml.training.sentences import make_sentences

SEED = 1
HELD_OUT = ("openai", "edos", "davidson")

KEPT = 8
"""One in eight made-up sentences calibrates `heads.coercion` instead of training it."""

HARSH = 1_000
"""The number of Davidson's harsh tweets to use; all of them would outnumber everything else."""


def main(data: Path, models: Path) -> None:
    rows = read_sources(data)
    made_up = _made_up()
    with TemporaryDirectory() as held_out:
        for held in HELD_OUT:
            rest = [row for row in rows if not row.group.startswith(held)]
            measured = [row for row in rows if row.group.startswith((held, "uci"))]
            _train(rest + made_up, models, Path(held_out))
            _say(
                f"trained and calibrated without {held}", measured, shipped_classifier(models, Path(held_out))
            )
    _train(rows + made_up, models, WEIGHTS)
    measured = [row for row in rows if is_kept(row)]
    _say("trained on all, measured on what was kept", measured, shipped_classifier(models))


def _made_up() -> list[Labelled]:
    return [
        *(
            Labelled(text, MADE_UP, "", "pass", "pass", _part(number))
            for number, text in enumerate(make_sentences("harmless", SEED))
        ),
        *(
            Labelled(text, MADE_UP, "threat", "block", "block", _part(number))
            for number, text in enumerate(make_sentences("threatening", SEED))
        ),
    ]


def _part(number: int) -> str:
    return "" if number % KEPT else "dev"


def _train(rows: Sequence[Labelled], models: Path, weights: Path) -> None:
    """Write the heads and the calibration, so that exactly what is measured is shipped."""
    folder = models / "toxlstm"
    network = Network(folder)
    learned = [row for row in rows if not is_kept(row)]
    fit_heads(learned, read_windows(network, learned)).save(weights / "heads.npz")
    kept = [row for row in rows if is_kept(row) and row.part != "test"]
    labelled = [row for row in kept if row.group != MADE_UP]
    coercion = [row for row in kept if row.group == MADE_UP or row.category != "threat"]
    harsh = [row for row in rows if row.group == "davidson harsh"][:HARSH]
    model, today = Toxlstm(folder, weights), datetime.now(UTC).date()
    calibration = calibrate(model, labelled + harsh, today=today)
    coerced = calibrate(model, coercion + harsh, today=today).curves["heads.coercion"]
    curves = {**calibration.curves, "heads.coercion": coerced}
    save_calibration(replace(calibration, curves=curves), weights / "toxlstm.yaml")


def _say(what: str, rows: Sequence[Labelled], classifier: Classifier) -> None:
    sys.stdout.write(f"{what}\n{report(classifier, rows)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
