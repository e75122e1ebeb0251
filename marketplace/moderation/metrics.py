"""Prometheus metrics of detection."""

from prometheus_client import Counter, Histogram

from detectors.signal import Findings

SECONDS = Histogram(
    "comity_detection_seconds",
    "Time to examine one text.",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0),
)
SIGNALS = Counter("comity_detection_signals", "Signals found.", ["category", "detector"])
UNAVAILABLE = Counter(
    "comity_detection_unavailable", "Texts for which no detector could judge a category.", ["category"]
)


def observe_findings(findings: Findings, seconds: float) -> None:
    SECONDS.observe(seconds)
    for signal in findings.signals:
        SIGNALS.labels(signal.category, signal.detector).inc()
    for category in findings.unavailable:
        UNAVAILABLE.labels(category).inc()
