"""python -m ml.training DATA MODELS: measure with each data set held out, then train and calibrate on all of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from detectors.calibrate import calibrate
from detectors.calibration import save_calibration
from detectors.classifier import Classifier, shipped_classifier
from detectors.encoder import Network as Encoder
from detectors.labelled import Labelled
from detectors.together import Together
from detectors.toxlstm import Network
from detectors.windowed import WEIGHTS
from ml.benchmark.sources import read_sources
from ml.training.fit import fit_encoder_heads, fit_heads, read_windows
from ml.training.kinds import MENACING, lessons_of, made_up
from ml.training.messages import PASSED, WRITTEN
from ml.training.parts import MADE_UP, is_kept
from ml.training.report import report

HELD_OUT = ("openai", "edos", "davidson")

HARSH = 1_000
"""The number of Davidson's harsh tweets to use; all of them would outnumber everything else."""

FOR_THE_ENCODER = (MADE_UP, WRITTEN, "goemotions")
"""The first network's head does not learn from these."""

HARMLESS = frozenset(f"{WRITTEN} {kind}" for kind in PASSED)
"""Half of these messages are written to sound like what must be stopped. Few messages do, so that scores would be too low with
them."""


def main(data: Path, models: Path) -> None:
    rows = read_sources(data)
    made = made_up()
    with TemporaryDirectory() as held_out:
        for held in HELD_OUT:
            rest = [row for row in rows if not row.group.startswith(held)]
            measured = [row for row in rows if row.group.startswith((held, "uci"))]
            _train(rest + made, models, Path(held_out))
            _say(
                f"trained and calibrated without {held}", measured, shipped_classifier(models, Path(held_out))
            )
    _train(rows + made, models, WEIGHTS)
    measured = [row for row in rows if is_kept(row)]
    _say("trained on all, measured on what was kept", measured, shipped_classifier(models))


def _train(rows: Sequence[Labelled], models: Path, weights: Path) -> None:
    """Write the heads and the calibration, so that exactly what is measured is shipped."""
    network, encoder = Network(models / "toxlstm"), Encoder(models / "encoder")
    learned = [row for row in rows if not is_kept(row)]
    first = [row for row in learned if row.group == MADE_UP or not row.group.startswith(FOR_THE_ENCODER)]
    fit_heads(first, read_windows(network, first)).save(weights / "heads.npz")
    fit_encoder_heads(lessons_of(learned), encoder).save(weights / "encoder_heads.npz")
    kept = [row for row in rows if is_kept(row) and row.part != "test"]
    labelled = [row for row in kept if row.group != MADE_UP and row.group not in HARMLESS]
    harsh = [row for row in rows if row.group == "davidson harsh"][:HARSH]
    model, today = Together(models, weights), datetime.now(UTC).date()
    fitted = calibrate(model, labelled + harsh, today=today, fits=_fits)
    save_calibration(fitted, weights / "calibration.yaml")


def _fits(head: str, row: Labelled) -> bool:
    """Each of the two heads for threats is fitted to the kinds that it has learned."""
    if row.category != "threat":
        return True
    return (row.group in MENACING) == (head == "encoder.menace")


def _say(what: str, rows: Sequence[Labelled], classifier: Classifier) -> None:
    sys.stdout.write(f"{what}\n{report(classifier, rows)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
