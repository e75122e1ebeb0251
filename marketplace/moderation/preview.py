"""Previews what the detectors and every profile say about a text, without recording anything."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime

from decisions import Subject, decide
from detectors.signal import Findings
from engine import Budget, Decision
from marketplace.accounts.models import User
from marketplace.moderation.facts import Mode, moderation_facts
from marketplace.moderation.services import POLICY


def preview(
    findings: Findings,
    *,
    modes: Iterable[Mode],
    moderator: User,
    now: datetime,
    explain: bool = True,
    budget: Budget | None = None,
) -> dict[Mode, Decision]:
    """Decisions as for the first message of an author without earlier insults. `budget`, which they share, adds
    counterfactuals."""
    subject = Subject(kind="preview", id=None, actor_id=moderator.pk)
    decisions: dict[Mode, Decision] = {}
    wanted = tuple(modes)
    for done, mode in enumerate(wanted):
        with budget.share(len(wanted) - done) if budget else nullcontext() as share:
            decisions[mode] = decide(
                POLICY,
                moderation_facts(mode=mode, findings=findings, insults=()),
                now=now,
                subject=subject,
                record=False,
                superset=True,
                explain=explain,
                counterfactuals=share,
            )
    return decisions
