"""A decision prepared for display: the outcome and the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import Decision
from marketplace.moderation.queries import support_of
from marketplace.moderation.services import PASSING

# Facts shown elsewhere on the page. Here they would hide the values that stopped a rule.
SHOWN_ABOVE = frozenset({"signals", "unavailable", "earlier_insults"})


@dataclass(frozen=True, slots=True)
class Stopped:
    """A rule that did not apply, the part of its condition that failed, and the values that made it fail."""

    rule: str
    outcome: str
    words: str
    values: str


@dataclass(frozen=True, slots=True)
class Verdict:
    mode: str
    decision: Decision
    in_force: Decision

    @property
    def changed(self) -> bool:
        """Whether the edited parameters change the decision."""
        return (self.decision.outcome, self.decision.rule) != (self.in_force.outcome, self.in_force.rule)

    @property
    def to_do(self) -> list[str]:
        """What follows from the outcome. A text that is not sent is neither queued nor held; only support is shown."""
        blocked = self.decision.outcome not in PASSING
        return [to_do for to_do in self.decision.obligations if not blocked or to_do == "show_support"]

    @property
    def support(self) -> str | None:
        return support_of(self.decision)

    @property
    def conditions(self) -> list[Mapping[str, Any]]:
        return list(self._explanation["conditions"])

    @property
    def others(self) -> list[str]:
        """Rules that apply besides the deciding one."""
        return [rule for rule in self.decision.matched if rule != self.decision.rule]

    @property
    def stopped(self) -> list[Stopped]:
        """Leaves out the other mode's rows, which obviously do not apply."""
        entries = [e for e in self._explanation["rules"] if "stopped_by" in e]
        return [_stopped(e) for e in entries if set(e["stopped_by"]["values"]) != {"row.mode", "mode"}]

    @property
    def ways_out(self) -> list[str]:
        """The smallest changes to the signals that would give a milder outcome. Switching to the other mode is not one."""
        flips = (self.decision.counterfactuals or {}).get("found", [])
        return [way["text"] for way in flips if all(change["fact"] != "mode" for change in way["changes"])]

    @property
    def stopped_searching(self) -> bool:
        """Whether the search stopped early, so that there may be other ways out."""
        return not (self.decision.counterfactuals or {}).get("complete", True)

    @property
    def _explanation(self) -> Mapping[str, Any]:
        return self.decision.explanation or {}


def _stopped(entry: Mapping[str, Any]) -> Stopped:
    by = entry["stopped_by"]
    values = {name: value for name, value in by["values"].items() if name not in SHOWN_ABOVE}
    written = ", ".join(f"{name} = {_written(value)}" for name, value in values.items())
    return Stopped(entry["id"], entry["outcome"], by["text"], written)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value)
