"""The detectors of this installation: built once a process as the settings say, asked before a transaction begins."""

import threading
import time
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from detectors.pipeline import Pipeline
from detectors.signal import Findings
from marketplace.moderation.metrics import observe_findings

_building = threading.Lock()


def examine(text: str) -> Findings:
    """Slow beside a query: never call it inside a transaction."""
    pipeline = configured()
    started = time.perf_counter()
    findings = pipeline.examine(text)
    observe_findings(findings, time.perf_counter() - started)
    return findings


def problems() -> list[str]:
    """What keeps detectors from working, a sentence each, for the readiness check."""
    return configured().problems()


def configured() -> Pipeline:
    with _building:
        return _build(
            settings.MODERATION_PIPELINE,
            settings.MODERATION_LEXICON,
            settings.MODERATION_CLASSIFIER,
            settings.MODERATION_MODELS,
        )


@cache
def _build(factory: str, lexicon: str, classifier: str, models: Path) -> Pipeline:
    pipeline: Pipeline = import_string(factory)(lexicon=lexicon, classifier=classifier, models=models)
    return pipeline
