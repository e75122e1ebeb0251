"""`manage.py moderation`: calibrates the classifier on your own labeled texts, moderates texts from a file, and keeps labelled
sets."""

import json
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

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
from documents.plurals import counted
from marketplace.errors import Refused
from marketplace.moderation.detection import another, configured
from marketplace.moderation.facts import Mode
from marketplace.moderation.judging import BadLine, Format, judged, texts_of
from marketplace.tuning.comparing import compare, examine_with_both
from marketplace.tuning.comparing_in_words import told
from marketplace.tuning.evaluating import (
    BadParameters,
    as_html,
    as_json,
    as_text,
    evaluate_set,
    read_parameters,
)
from marketplace.tuning.exporting import exported_signals
from marketplace.tuning.growing import grow_set
from marketplace.tuning.importing import BadFile, import_rows, read_rows
from marketplace.tuning.models import MODES
from marketplace.tuning.sets import DetectorsFail, NoSuchSet, examine_again, find_set

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
DAYS: Final = 30
Item = TypeVar("Item")


class Command(BaseCommand):
    help = "Calibrate moderation on labeled texts, try it on the texts in a file, or keep labelled sets."

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

        load = actions.add_parser("import-set", help="make the texts of a file those of a labelled set")
        load.add_argument("name", type=_name, help="of the set: lower case letters, digits, - and _")
        load.add_argument(
            "file",
            help="`text`, `id` if there is one, and `labels` separated by |, or a column for each category with 0 or 1",
        )
        load.add_argument(
            "--format", choices=("jsonl", "csv"), help="input format (default: from the file extension)"
        )
        load.add_argument(
            "--mode", choices=MODES, default="normal", help="where the texts stand (default: %(default)s)"
        )
        load.set_defaults(action="import-set")

        grow = actions.add_parser(
            "grow-set", help="add texts that were ruled on, and a blind sample, to a set"
        )
        grow.add_argument("name", type=_name)
        grow.add_argument(
            "--days",
            type=_days,
            default=DAYS,
            help="draw the blind sample from the texts of so many days (default: %(default)s)",
        )
        grow.set_defaults(action="grow-set")

        again = actions.add_parser("examine-set", help="run the detectors of today on the texts of a set")
        again.add_argument("name", type=_name)
        again.set_defaults(action="examine-set")

        signals = actions.add_parser(
            "export-signals",
            conflict_handler="resolve",  # Django has an option --version
            help="print what was found in the texts of a set and what should become of them; never a text",
        )
        signals.add_argument("name", type=_name)
        signals.add_argument("--version", type=int, help="default: the newest", dest="number")
        signals.set_defaults(action="export-signals")

        evaluate = actions.add_parser(
            "evaluate",
            conflict_handler="resolve",
            help="count what the policy decides about the texts of a set, and what it would with other parameters",
        )
        evaluate.add_argument("--set", type=_name, required=True, dest="name")
        evaluate.add_argument("--version", type=int, help="default: the newest", dest="number")
        evaluate.add_argument(
            "--parameters", type=Path, metavar="FILE", help="numbers of the policy by name, as YAML or JSON"
        )
        evaluate.add_argument(
            "--format", choices=("text", "json", "html"), default="text", help="default: %(default)s"
        )
        evaluate.set_defaults(action="evaluate")

        both = actions.add_parser(
            "compare-detectors",
            conflict_handler="resolve",  # Django has an option --version
            help="compare another version of the detectors with this one on the texts of a set; records nothing",
        )
        both.add_argument("name", type=_name)
        both.add_argument("--version", type=int, help="default: the newest", dest="number")
        both.add_argument("--models", type=Path, help="a folder like MODERATION_MODELS")
        both.add_argument("--policies", type=Path, help="a policy folder with another lexicon")
        both.add_argument("--classifier", choices=("bilstm", "detoxify", "none"), default="")
        both.add_argument("--checkpoint", default="", help="the SHA-256 of detoxify's checkpoint")
        both.add_argument("--format", choices=("text", "json"), default="text", help="default: %(default)s")
        both.set_defaults(action="compare-detectors")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        steps: dict[str, Callable[..., None]] = {
            "calibrate": self._calibrate,
            "judge": self._judge,
            "import-set": self._import,
            "grow-set": self._grow,
            "examine-set": self._examine,
            "export-signals": self._export,
            "compare-detectors": self._compare,
            "evaluate": self._evaluate,
        }
        steps[action](**options)

    def _judge(self, *, file: str, mode: Mode, format: Format | None, explain: bool, **_: Any) -> None:
        try:
            with _opened(file) as lines:
                texts = _shown("Judging", texts_of(lines, _format_of(file, format)), total=None)
                for answer in judged(texts, configured(), mode=mode, now=timezone.now(), explain=explain):
                    self.stdout.write(json.dumps(answer, ensure_ascii=False))
        except (BadLine, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error

    def _import(self, *, name: str, file: str, format: Format | None, mode: Mode, **_: Any) -> None:
        try:
            with _opened(file) as lines:
                rows = read_rows(lines, _format_of(file, format))
        except (BadFile, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}\nnothing was imported") from None
        with _told():
            done = import_rows(
                name,
                rows,
                mode=mode,
                pipeline=configured(),
                now=timezone.now(),
                progress=partial(_shown, "Examining"),
            )
        if not done.changes:
            self.stdout.write(f"{name}, version {done.version}: has these {_count(done.unchanged)} already")
            return
        self.stdout.write(
            f"{name}, version {done.version}: {done.added} added, {done.changed} changed, "
            f"{done.ended} no longer in it, {done.unchanged} unchanged"
        )

    def _grow(self, *, name: str, days: int, **_: Any) -> None:
        now = timezone.now()
        with _told():
            grown = grow_set(name, pipeline=configured(), since=now - timedelta(days=days), now=now)
        if grown.version == 0:
            self.stdout.write(f"{name}: there is nothing to begin it with")
            return
        sources = ", ".join(f"{count} by {source}" for source, count in sorted(grown.added.items()))
        self.stdout.write(f"{name}, version {grown.version}: {sources or 'nothing'} added")
        for count, said in (
            (grown.corrected, "have another label than before"),
            (grown.unclear, "were ruled on for a reason that is no category"),
            (grown.gone, "are gone by now"),
        ):
            if count:
                self.stdout.write(f"  {count} {said}")

    def _examine(self, *, name: str, **_: Any) -> None:
        with _told():
            count = examine_again(find_set(name), configured(), now=timezone.now())
        self.stdout.write(f"{name}: {_count(count)} examined, the others had been")

    def _export(self, *, name: str, number: int | None, **_: Any) -> None:
        with _told():
            for line in exported_signals(find_set(name, number), now=timezone.now()):
                self.stdout.write(json.dumps(line))

    def _compare(
        self,
        *,
        name: str,
        number: int | None,
        models: Path | None,
        policies: Path | None,
        classifier: str,
        checkpoint: str,
        format: str,
        **_: Any,
    ) -> None:
        if not (models or policies or classifier):
            raise CommandError("say what differs: --models, --policies or --classifier")
        for folder in (models, policies):
            if folder is not None and not folder.is_dir():
                raise CommandError(f"there is no folder `{folder}`")
        other = another(policies=policies, models=models, classifier=classifier, checkpoint=checkpoint)
        for problem in other.problems():
            said = f"{problem.detector} {problem.version}: {problem.what}"
            raise CommandError(f"the other detectors do not work: {said}")
        now = timezone.now()
        with _told():
            old, new = examine_with_both(
                find_set(name, number), configured(), other, now=now, progress=partial(_shown, "Examining")
            )
        comparison = compare(old, new, now=now)
        if format == "json":
            self.stdout.write(json.dumps(comparison.to_dict(), indent=2))
            return
        for line in told(comparison):
            self.stdout.write(line)

    def _evaluate(
        self, *, name: str, number: int | None, parameters: Path | None, format: str, **_: Any
    ) -> None:
        now = timezone.now()
        try:
            values = read_parameters(parameters, now=now) if parameters else {}
            with _told():
                evaluated = evaluate_set(find_set(name, number), values, now=now)
        except (BadParameters, OSError) as error:
            raise CommandError(f"{parameters}: {error}") from None
        match format:
            case "json":
                self.stdout.write(json.dumps(as_json(evaluated), indent=2))
            case "html":
                self.stdout.write(as_html(evaluated), ending="")
            case _:
                self.stdout.write(as_text(evaluated))

    def _calibrate(self, *, data: Path, share: float, **_: Any) -> None:
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
        heads = len(fitted.curves) - len(kept)
        self.stdout.write(
            f"{counted(len(rows), 'text')}: {counted(heads, 'classifier head')} calibrated, written to {path}"
        )
        if kept:
            self.stdout.write(f"unchanged, too few texts: {', '.join(kept)}")
        self.stdout.write("Restart the server to use the new calibration.")


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ArgumentTypeError(
            f"`{text[:80]}` is no name of a set: write lower case letters, digits, - and _"
        )
    return text


def _days(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or int(text) == 0:
        raise ArgumentTypeError(f"`{text[:80]}` is no number of days")
    return int(text)


def _count(texts: int) -> str:
    return f"{texts} text{'' if texts == 1 else 's'}"


def _format_of(file: str, given: Format | None) -> Format:
    return given or ("csv" if file.endswith(".csv") else "jsonl")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == "-":
        yield sys.stdin
        return
    with Path(file).open(encoding="utf-8-sig", newline="") as lines:
        yield lines


def _shown(doing: str, items: Iterable[Item], total: int | None = -1) -> Iterable[Item]:
    """With a progress bar, for people."""
    if not sys.stderr.isatty():
        return items
    known = {} if total == -1 else {"total": total}
    return track(items, description=doing, console=Console(stderr=True), **known)  # type: ignore[arg-type]


@contextmanager
def _told() -> Iterator[None]:
    """Errors as one sentence."""
    try:
        yield
    except NoSuchSet as error:
        raise CommandError(str(error)) from None
    except DetectorsFail as error:
        raise CommandError(f"the detectors do not work: {error}\nnothing was changed") from None
    except Refused as error:
        raise CommandError(error.message) from None
