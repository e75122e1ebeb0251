"""Cases that granted appeals propose: the signals that led to a wrong decision, with the outcome that would have been right."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

from decisions import bundles
from engine.expression.values import to_json
from marketplace.moderation.facts import mode_of
from marketplace.moderation.models import Appeal, AppealState
from marketplace.moderation.services import POLICY as PROFILES

FACTS: Final = ("category", "score", "detector", "reported", "quoted")


def proposed_case(appeal: Appeal) -> dict[str, Any] | None:
    """In the form of a case file. It has signals and never a text. None unless the appeal was granted, and for a text that
    should go although nothing was found in it."""
    if appeal.state != AppealState.OVERTURNED:
        return None
    facts = _facts(appeal)
    expected = _passes() if appeal.report_id is None else _is_blocked(facts)
    return expected and {
        "name": f"appeal {appeal.pk} was granted",
        "at": to_json(appeal.decision.decided_at),
        "facts": facts,
        "expect": expected,
    }


def cases_as_yaml(appeals: Iterable[Appeal]) -> str:
    """A case file, or an empty text if nothing is proposed."""
    cases = [case for appeal in appeals if (case := proposed_case(appeal))]
    if not cases:
        return ""
    file = {"policy": PROFILES, "at": cases[0]["at"], "cases": cases}
    return yaml.safe_dump(file, sort_keys=False, allow_unicode=True)


def _passes() -> dict[str, str]:
    otherwise = bundles.current().policies[PROFILES].all[-1].validated.policy.otherwise
    return {"outcome": otherwise.then, "rule": otherwise.id}


def _is_blocked(facts: Mapping[str, Any]) -> dict[str, str] | None:
    if not facts["signals"]:
        return None
    strongest = max(facts["signals"], key=lambda signal: signal["score"])
    return {"outcome": "block", "rule": f"blocked[{facts['mode']}/{strongest['category']}]"}


def _facts(appeal: Appeal) -> dict[str, Any]:
    """As they were decided about; of a text that was reported or held for strikes, as its queue item kept them."""
    if appeal.decision.policy == PROFILES:
        return dict(appeal.decision.facts)
    assert appeal.item is not None
    return {
        "mode": mode_of(appeal.kind),
        "language": appeal.item.language,
        "signals": [{name: signal[name] for name in FACTS} for signal in appeal.item.signals],
        "unavailable": [],
        "earlier_insults": [],
    }
