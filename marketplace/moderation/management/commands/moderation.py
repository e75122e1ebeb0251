"""`manage.py moderation calibrate DATA`: fits the scores of the classifier to labelled texts of one's own."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from detectors.calibrate import SHARE, calibrate
from detectors.calibration import BadCalibration, save_calibration
from detectors.classifier import load_classifier, own_calibration
from detectors.labelled import BadLabel, read_labelled
from detectors.model import ModelMissing


class Command(BaseCommand):
    help = "Tunes moderation to labelled texts."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(required=True)
        fit = actions.add_parser("calibrate", help="fit the default classifier's scores to labelled texts")
        fit.add_argument("data", type=Path, help="a CSV file; docs/moderation.md says of what form")
        fit.add_argument(
            "--share",
            type=float,
            default=SHARE,
            help="how often a message is of a category; default %(default)s",
        )

    def handle(self, *args: Any, data: Path, share: float, **options: Any) -> None:
        if not 0 < share < 1:
            raise CommandError("--share is a part of all messages, between 0 and 1")
        try:
            classifier = load_classifier(settings.MODERATION_MODELS)
            rows = read_labelled(data)
            before, today = classifier.calibration, timezone.now().date()
            fitted = calibrate(classifier.model, rows, today=today, share=share, before=before)
        except (BadLabel, BadCalibration, ModelMissing, OSError) as error:
            raise CommandError(str(error)) from error
        path = own_calibration(settings.MODERATION_MODELS)
        save_calibration(fitted, path)
        kept = [head for head, curve in fitted.curves.items() if curve == before.curves[head]]
        self.stdout.write(
            f"{len(rows)} texts: {len(fitted.curves) - len(kept)} heads fitted to them, written to {path}"
        )
        if kept:
            self.stdout.write(f"as before, for want of texts: {', '.join(kept)}")
        self.stdout.write("A running server takes it with its next start.")
