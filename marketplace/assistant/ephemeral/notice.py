"""Explains how long the conversation is kept, in the words of the policy `assistant_session`."""

from datetime import datetime

from decisions import Subject, decide


def session_notice(*, logged_in: bool, now: datetime) -> str:
    """For a conversation that starts now."""
    facts = {
        "action": "look",
        "logged_in": logged_in,
        "started_at": None if logged_in else now,
        "last_spoke_at": None if logged_in else now,
    }
    subject = Subject(kind="session", id=None, actor_id=None)
    return decide("assistant_session", facts, now=now, subject=subject, record=False, superset=True).message
