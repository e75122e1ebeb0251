"""The kind of a change, which says how many people have to approve it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from engine.bundle import Versions
from engine.claims.claim import Claim
from engine.claims.timeline import pairs
from engine.policy.comparison import Change, compare
from engine.policy.digests import meaning_digest
from engine.policy.validated import ValidatedPolicy

ChangeKind = Literal["texts", "parameters", "rules", "claims"]
"""From the mildest to the gravest."""

WORDS: Final = {
    "policy": ("effective_from ", "owner ", "summary ", "source "),
    "parameter": ("help ",),
    "fact": ("help ",),
    "rule": ("message ", "source "),
    "otherwise": ("message ", "permit_because "),
}
"""What is only text, or a moment that a new version has anyway, in each part of a policy."""
VALUES: Final = ("value was ", "row ")


def kind_of_change(old: Mapping[str, Versions], new: Mapping[str, Versions]) -> ChangeKind:
    """Looks at every pair of versions that decide at the same moments, so that a version which ends, is withdrawn, or takes
    precedence over another one counts as what it changes."""
    if old.keys() != new.keys():
        return "rules"
    kinds = {_kind(name_old, new[name]) for name, name_old in old.items()}
    return next((kind for kind in ("rules", "parameters") if kind in kinds), "texts")


def in_words(old: Mapping[str, Versions], new: Mapping[str, Versions]) -> list[dict[str, Any]]:
    """What was edited, texts included, where a version takes the place of another one. A policy that is new or gone is left
    out."""
    edits = {
        (name, change)
        for name in old.keys() & new.keys()
        for pair in pairs(old[name], new[name])
        if (one := pair.old.version) and (other := pair.new.version)
        for change in compare(one.validated, other.validated)
    }
    return [
        {"policy": name, "change": change.sentence(), "details": list(change.details)}
        for name, change in sorted(edits, key=repr)
    ]


def _kind(old: Versions, new: Versions) -> ChangeKind:
    found: set[ChangeKind] = {"texts"}
    for pair in pairs(old, new):
        one, other = pair.old.version, pair.new.version
        if one is not None and other is not None:
            found.add(_between(one.validated, other.validated))
        elif one is not other:  # one of them is not in force then
            found.add("rules")
    return "rules" if "rules" in found else "parameters" if "parameters" in found else "texts"


def _between(old: ValidatedPolicy, new: ValidatedPolicy) -> ChangeKind:
    if meaning_digest(old) == meaning_digest(new):
        return "texts"
    kinds = {_of(change) for change in compare(old, new)}
    return "rules" if "rules" in kinds else "parameters" if "parameters" in kinds else "texts"


def _of(change: Change) -> ChangeKind:
    if change.kind != "changed":
        return "rules"
    kind: ChangeKind = "texts"
    for detail in change.details:
        if change.part == "parameter" and detail.startswith(VALUES) and ", and is `" in detail:
            kind = "parameters"
        elif not detail.startswith(WORDS.get(change.part, ())):
            return "rules"
    return kind


def removed_claims(old: Iterable[Claim], new: Iterable[Claim]) -> list[str]:
    """The ids of claims that are missing or say something else now."""
    kept = {_content(claim) for claim in new}
    return sorted(claim.id for claim in old if _content(claim) not in kept)


def _content(claim: Claim) -> tuple[object, ...]:
    texts = (claim.given, claim.holds, claim.unless)
    return (
        *(claim.id, claim.policy, claim.kind, claim.since, claim.rises, claim.expect, claim.parameters),
        *(text.text if text else None for text in texts),
        repr(sorted(claim.compared.items())),
    )
