"""The detectors of this installation: built once per process, and run before a transaction begins."""

import threading
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from detectors.pipeline import Pipeline, Problem
from detectors.signal import Findings
from marketplace.moderation.metrics import observe_findings

log = structlog.get_logger(__name__)

_building = threading.Lock()


@dataclass(frozen=True, slots=True)
class Examined:
    """A text with its findings, as one value: a text cannot be stored with another's findings."""

    text: str = field(repr=False)
    findings: Findings


def examine(text: str) -> Examined:
    """Slow compared to a query: never call it inside a transaction."""
    pipeline = configured()
    started = time.perf_counter()
    findings = pipeline.examine(text)
    observe_findings(findings, time.perf_counter() - started)
    return Examined(text, findings)


def problems() -> list[str]:
    """Problems of the detectors, one sentence each, for the readiness check."""
    return [f"{p.detector} {p.version}: {p.what}" for p in configured().problems()]


def configured() -> Pipeline:
    with _building:
        return another()


def another(
    *, policies: Path | None = None, models: Path | None = None, classifier: str = "", checkpoint: str = ""
) -> Pipeline:
    """These detectors with another lexicon, other models or another classifier, to be compared with them. Its problems say what
    could not be built."""
    return _build(
        settings.MODERATION_PIPELINE,
        policies or Path(settings.COMITY_POLICIES_DIR),
        settings.MODERATION_LEXICON,
        classifier or settings.MODERATION_CLASSIFIER,
        models or settings.MODERATION_MODELS,
        checkpoint or settings.MODERATION_CHECKPOINT,
    )


@cache
def _build(
    factory: str, policies: Path, lexicon: str, classifier: str, models: Path, checkpoint: str
) -> Pipeline:
    """If the detectors cannot be built, nothing is judged, so texts are blocked until the problem is fixed and the process
    restarted."""
    try:
        pipeline: Pipeline = import_string(factory)(
            policies=policies, lexicon=lexicon, classifier=classifier, models=models, checkpoint=checkpoint
        )
    except Exception as error:
        log.exception("detectors_not_assembled")
        return Pipeline((), problems=[Problem("pipeline", factory, f"{type(error).__name__}: {error}")])
    return pipeline
