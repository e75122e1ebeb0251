"""What the detectors and every profile would say about a text, recorded nowhere."""

from collections.abc import Iterable
from datetime import datetime

from decisions import Subject, decide
from detectors.signal import Findings
from engine import Decision
from marketplace.accounts.models import User
from marketplace.moderation.facts import Mode, moderation_facts
from marketplace.moderation.services import POLICY


def preview(
    findings: Findings, *, modes: Iterable[Mode], moderator: User, now: datetime, explain: bool = True
) -> dict[Mode, Decision]:
    """Decisions, explained or short, as about the first message of somebody who never insulted anybody."""
    subject = Subject(kind="preview", id=None, actor_id=moderator.pk)
    return {
        mode: decide(
            POLICY,
            moderation_facts(mode=mode, findings=findings, insults=()),
            now=now,
            subject=subject,
            record=False,
            superset=True,
            explain=explain,
        )
        for mode in modes
    }
