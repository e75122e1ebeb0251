"""Claims as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.claims.claim import Claim, typed
from engine.compiled import CompiledPolicy
from engine.explain.sentences import Given, Name, Piece, Sentence, condition_sentence, given

EXPECTED: Final = {
    "not_laxer": "never becomes more permissive",
    "not_stricter": "never becomes more restrictive",
    "same": "stays the same",
}


@dataclass(frozen=True, slots=True)
class ClaimShown:
    id: str
    sentences: tuple[Sentence, ...]
    because: str


def show_claims(claims: Iterable[Claim], version: CompiledPolicy) -> tuple[ClaimShown, ...]:
    """Those about this version."""
    return tuple(
        ClaimShown(claim.id, tuple(_sentences(claim, version)), claim.because)
        for claim in claims
        if claim.policy == version.name and claim.since <= version.version
    )


def _sentences(claim: Claim, version: CompiledPolicy) -> Iterator[Sentence]:
    policy = version.validated.policy
    checked, _ = typed(claim, policy)
    if claim.kind in ("never", "always"):
        assert checked.holds is not None
        yield condition_sentence(policy, [f"{claim.kind}: "], checked.holds)
    elif claim.kind == "rises":
        name, _, inner = claim.rises.partition(".")
        field: list[Piece] = ["the ", Name("field", inner), " of an item in "] if inner else []
        yield Sentence(
            ("when ", *field, Name("fact", name), f" rises, the decision {EXPECTED[claim.expect]}")
        )
    else:
        changes: list[Piece] = []
        for name, values in claim.compared.items():
            type_ = policy.facts[name].type
            before, after = (Given(given(value, type_)) for value in values)
            changes += [", " if changes else "", Name("fact", name), " changes from ", before, " to ", after]
        yield Sentence(("when only ", *changes, f", the decision {EXPECTED[claim.expect]}"))
    if checked.given is not None:
        yield condition_sentence(policy, ["provided that "], checked.given)
    if checked.unless is not None:
        yield condition_sentence(policy, ["unless "], checked.unless)
    if claim.parameters == "range":
        yield Sentence(("whatever the numbers are set to, within their bounds",))
