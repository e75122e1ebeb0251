"""The cases of a policy in the order in which they are tried on a mutant.

A case that assumes a parameter's value under `with`, the same that the policy has, is a case about that value: when the value
is mutated, the case is tried without its assumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.bundle import Bundle
from engine.case_reader import Case
from engine.parameter_settings import with_settings


class WaitingCases:
    """Whoever notices a mutant puts the case first in its list, since it is likely to notice the neighbors too."""

    def __init__(self, bundle: Bundle, cases: Sequence[Case]) -> None:
        self._bundle = bundle
        self._lists: dict[str | None, list[Case]] = {None: list(cases)}

    def about(self, parameter: str | None) -> list[Case]:
        if parameter is not None and parameter not in self._lists:
            self._lists[parameter] = [self._unassuming(case, parameter) for case in self._lists[None]]
        return self._lists[parameter]

    def _unassuming(self, case: Case, parameter: str) -> Case:
        if parameter not in case.settings:
            return case
        policy = self._bundle.version_at(case.policy, case.at).validated.policy
        assumed = with_settings(policy, {parameter: case.settings[parameter]})[0].parameters[parameter]
        own = policy.parameters[parameter]
        rows = [p.table.rows if p.table else () for p in (assumed, own)]
        if assumed.value != own.value or rows[0] != rows[1]:
            return case
        return replace(case, settings={n: node for n, node in case.settings.items() if n != parameter})
