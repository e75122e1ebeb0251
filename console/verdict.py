"""A decision prepared for display: the outcome and the reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.reasons import Reason, Reasons, reasons_of
from decisions import bundles
from engine import Decision
from marketplace.moderation.queries import support_of
from marketplace.moderation.services import PASSING


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
    def reasons(self) -> Reasons:
        """Without the other mode's rows, which obviously do not apply."""
        version = bundles.current().version_of(self.decision)
        told = dict(self.decision.explanation or {})
        rules = [entry for entry in told.get("rules", []) if not _is_of_the_other_mode(entry)]
        return reasons_of(told | {"rules": rules}, version)

    @property
    def others(self) -> list[tuple[str, list[str]]]:
        """Rules that apply besides the deciding one, each with its rows. Those are of this mode."""
        rows: dict[str, list[str]] = {}
        for name in self.decision.matched:
            rule, _, row = name.partition("[")
            if name != self.decision.rule:
                rows.setdefault(rule, []).extend(
                    [row.removesuffix("]").removeprefix(f"{self.mode}/")] if row else []
                )
        return list(rows.items())

    @property
    def stopped(self) -> list[Reason]:
        return [reason for reason in self.reasons.rules if not reason.applies]

    @property
    def ways_out(self) -> list[str]:
        """The smallest changes to the signals that would give a milder outcome. Switching to the other mode is not one."""
        flips = (self.decision.counterfactuals or {}).get("found", [])
        return [way["text"] for way in flips if all(change["fact"] != "mode" for change in way["changes"])]

    @property
    def stopped_searching(self) -> bool:
        """Whether the search stopped early, so that there may be other ways out."""
        return not (self.decision.counterfactuals or {}).get("complete", True)


def _is_of_the_other_mode(entry: Mapping[str, Any]) -> bool:
    return set(entry.get("stopped_by", {}).get("values", {})) == {"row.mode", "mode"}
