"""What was found in the texts of a set, and what should become of each, for `comity cases from-signals`. Never a text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from decisions import bundles
from detectors.signal import CATEGORIES, Signal
from engine.expression.values import to_json
from marketplace.moderation.facts import Mode
from marketplace.moderation.services import POLICY
from marketplace.tuning.models import MODES, LabelledSet
from marketplace.tuning.samples import facts_alone, facts_of
from marketplace.tuning.sets import samples_of

SURE: Final = 1.0


def exported_signals(labelled: LabelledSet, *, now: datetime) -> Iterator[dict[str, Any]]:
    """Right is what the policy in force decides about a text in which the rules are sure of the labelled categories, and found
    nothing else."""
    version = bundles.current().version_at(POLICY, now)
    right = {
        (mode, category): version.decide(_sure(mode, category), now=now, bundle_digest="", superset=True)
        for mode in MODES
        for category in ("", *CATEGORIES)
    }
    outcomes = version.outcomes
    for sample in samples_of(labelled):
        wanted = [right[sample.mode, category] for category in sorted(sample.labels) or [""]]
        worst = max(wanted, key=lambda decision: outcomes.index(decision.outcome))
        yield {
            "name": f"sample {sample.number}",
            "policy": POLICY,
            "at": to_json(now),
            "facts": facts_of(sample.mode, sample.findings),
            "expect": {"outcome": worst.outcome, "rule": worst.rule},
        }


def _sure(mode: Mode, category: str) -> dict[str, object]:
    signals = (Signal(category, SURE, 0, 0, "lexicon", "", ""),) if category else ()  # type: ignore[arg-type]
    return facts_alone(mode, *signals)
