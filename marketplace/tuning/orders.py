"""Thresholds of `moderation_profiles` that have to be in an order. In another order one of them comes too late to decide.

Such a policy is warned about, not refused. The orders are those of the policy as shipped; a name that the policy in force lacks
is left out.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from decisions.trial import Tunable, tunables_of
from engine.compiled import CompiledPolicy


class Misplaced(NamedTuple):
    """`lower` is above `upper`, and `so` is what follows. `category` is empty if it is not about one."""

    lower: Tunable
    upper: Tunable
    so: str
    mode: str
    category: str


def find_misplaced(version: CompiledPolicy) -> list[Misplaced]:
    numbers = {number.name: number for number in tunables_of(version)}
    hard = version.validated.policy.parameters.get("hard_categories")
    hard_categories: Any = hard.value if hard else ()
    rows = dict.fromkeys(number.row for number in numbers.values() if number.row)
    found = []
    for row in map(dict, rows):
        mode, category = str(row.get("mode", "")), str(row.get("category", ""))
        for lower, upper, so in _orders(mode, category, is_hard=category in hard_categories):
            one, other = numbers.get(lower), numbers.get(upper)
            if one and other and one.value > other.value:
                found.append(Misplaced(one, other, so, mode, category))
    return found


def _orders(mode: str, category: str, *, is_hard: bool) -> Iterator[tuple[str, str, str]]:
    """The lower number, the upper one, and what follows if the lower one is above it."""
    if not category:
        row = f"repeated_insults[{mode}]"
        yield f"{row}.flag", f"{row}.block", "repeated insults are blocked before they are flagged"
        return
    flag, block = f"thresholds[{mode}/{category}].flag", f"thresholds[{mode}/{category}].block"
    yield flag, block, "texts are blocked before they are flagged"
    if is_hard:
        yield flag, f"classifier_may_hold[{mode}/{category}].hold", "texts are held before they are flagged"
        yield "hold_from", block, "texts are blocked before they are held"
        yield block, "hard_limit", "texts are blocked from the second number on, whatever the table says"
    if category == "self_harm":
        yield flag, "look_from", "texts are flagged from the second number on, whatever the table says"
        yield "look_from", block, "texts between the two are blocked without a word of support"
    if category == "insult":
        yield "insult_from", block, "insults are blocked before they count as repeated"
