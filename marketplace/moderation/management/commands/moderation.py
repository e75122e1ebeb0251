"""`manage.py moderation`: calibrates the classifier on your own labeled texts, and moderates texts from a file."""

import json
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from decisions.subcommands import Subcommand
from detectors.calibrate import SHARE, calibrate
from detectors.calibration import BadCalibration, save_calibration
from detectors.classifier import load_classifier, own_calibration
from detectors.labelled import BadLabel, read_labelled
from detectors.model import ModelMissing
from marketplace.moderation.detection import configured
from marketplace.moderation.facts import Mode
from marketplace.moderation.judging import BadLine, Format, judged, texts_of


class Command(BaseCommand):
    help = "Calibrate moderation on labeled texts, or try it on the texts in a file."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(required=True, parser_class=Subcommand)
        fit = actions.add_parser(
            "calibrate", help="calibrate the default classifier's scores on labeled texts"
        )
        fit.add_argument("data", type=Path, help="CSV file; see docs/moderation.md for the format")
        fit.add_argument(
            "--share",
            type=float,
            default=SHARE,
            help="expected share of messages in a category (default: %(default)s)",
        )

        judge = actions.add_parser(
            "judge", help="print the decision for each text in a file, without recording anything"
        )
        judge.add_argument(
            "file", help="JSON lines with `text`, or CSV with a column `text`; - is standard input"
        )
        judge.add_argument("--mode", choices=("normal", "dispute"), default="normal")
        judge.add_argument(
            "--format", choices=("jsonl", "csv"), help="input format (default: from the file extension)"
        )
        judge.add_argument("--explain", action="store_true", help="explain each decision")
        judge.set_defaults(action="judge")
        fit.set_defaults(action="calibrate")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "judge":
            self._judge(options["file"], options["mode"], options["format"], explain=options["explain"])
        else:
            self._calibrate(options["data"], options["share"])

    def _judge(self, file: str, mode: Mode, format_: Format | None, *, explain: bool) -> None:
        chosen: Format = format_ or ("csv" if file.endswith(".csv") else "jsonl")
        try:
            with ExitStack() as stack:
                lines = sys.stdin
                if file != "-":
                    lines = stack.enter_context(Path(file).open(encoding="utf-8-sig", newline=""))
                texts: Iterable[str] = texts_of(lines, chosen)
                if sys.stderr.isatty():
                    shown = Console(stderr=True)
                    texts = track(texts, description="Judging", console=shown, total=None)
                for answer in judged(texts, configured(), mode=mode, now=timezone.now(), explain=explain):
                    self.stdout.write(json.dumps(answer, ensure_ascii=False))
        except (BadLine, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error

    def _calibrate(self, data: Path, share: float) -> None:
        if not 0 < share < 1:
            raise CommandError("--share must be between 0 and 1")
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
            f"{len(rows)} texts: {len(fitted.curves) - len(kept)} classifier heads calibrated, written to {path}"
        )
        if kept:
            self.stdout.write(f"unchanged, too few texts: {', '.join(kept)}")
        self.stdout.write("Restart the server to use the new calibration.")
