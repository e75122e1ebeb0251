"""Sweeps at times chosen by a test."""

from datetime import datetime

from marketplace.disputes.retention.clock import Moment
from marketplace.disputes.retention.sweeping import Swept, sweep


def sweep_at(at: datetime) -> Swept:
    return sweep(moment=Moment(at, rehearsal=True), report=lambda item: None)
