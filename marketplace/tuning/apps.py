"""The Django app that tunes moderation: labelled sets, thresholds, and the quality of rules and detectors."""

from django.apps import AppConfig


class TuningConfig(AppConfig):
    name = "marketplace.tuning"
    default = True
