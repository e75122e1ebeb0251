"""What changes between two bundles, in words from their texts."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.bundle import Versions
from engine.claims.timeline import pairs
from engine.policy.comparison import compare


def changes_in_words(old: Mapping[str, Versions], new: Mapping[str, Versions]) -> list[dict[str, Any]]:
    """The changes of each pair of versions that decide at the same moments."""
    return [
        *_of_policies(old, new),
        *(change for name in sorted(old.keys() & new.keys()) for change in _of(old[name], new[name])),
    ]


def _of_policies(old: Mapping[str, Versions], new: Mapping[str, Versions]) -> Iterator[dict[str, Any]]:
    for name in sorted(old.keys() ^ new.keys()):
        yield _change(name, None, None, f"the policy was {'added' if name in new else 'dropped'}")


def _of(old: Versions, new: Versions) -> Iterator[dict[str, Any]]:
    seen = set()
    for pair in pairs(old, new):
        one, other = pair.old.version, pair.new.version
        if one is None or other is None or one.digest == other.digest or (one.version, other.version) in seen:
            continue
        seen.add((one.version, other.version))
        for change in compare(one.validated, other.validated):
            yield _change(other.name, one.version, other.version, change.sentence(), change.details)


def _change(
    policy: str, old: int | None, new: int | None, sentence: str, details: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {"policy": policy, "old": old, "new": new, "sentence": sentence, "details": list(details)}
