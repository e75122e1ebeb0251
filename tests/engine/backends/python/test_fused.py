"""The whole decision as one function decides as the separate steps do, or leaves the facts to them."""

import json
import random
from collections import OrderedDict
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from math import nan
from typing import Any

import pytest

from engine import Bundle, Decision
from engine.backends.reference import compile_policy as by_reference
from engine.cases.run import facts_of
from engine.compiled import FUSED_AFTER, CompiledPolicy
from tests.engine.generated.chance import FULL
from tests.engine.policies import FACTS, NOW, RETURNS, bundle_of, shipped, some_cases

DIGEST = "sha256:0"
MUTATIONS = 100 if FULL else 8
"""The mutated facts for each case."""


class Text(str):
    """A subclass of str, which is no text of a fact."""


ODD: list[Any] = [
    None, True, 0, 1, -1, 2**53 + 1, 0.0, 0.5, 1e301, nan, "", "a", "a" * 8_193, "\0", "\ud800", "caf\xe9", "\x1b[2J",
    Text("open"), b"a", [], {}, [None], [{}], "12.50", Decimal("12.50"), timedelta(days=1), "90d", timedelta(-1),
    "2026-02-20T12:00:00Z", "2026-02-20T12:00:00+02:00", "2026-02-20 12:00:00Z", "2026-02-20T12:00:00+0100",
    "2026-02-20T12:00:00.1234567Z", NOW, NOW.astimezone(timezone(timedelta(hours=2))), NOW.replace(tzinfo=None),
    datetime.max.replace(tzinfo=UTC), datetime(1969, 1, 1, tzinfo=UTC), OrderedDict(), ("a",), object(),
]  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of the facts, as the container and the key or index."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def mutated(facts: Any, chance: random.Random) -> Any:
    changed = deepcopy(facts)
    for _ in range(chance.choice((1, 1, 2))):
        known = list(places(changed))
        if not known:
            break
        container, key = chance.choice(known)
        match chance.randrange(6):
            case 0 if isinstance(container, dict):
                del container[key]
            case 1 if isinstance(container, dict):
                container["more"] = 1
            case 2 if isinstance(container, list):
                container.append(deepcopy(container[key]))
            case 3:
                container[key] = deepcopy(chance.choice(known)[0])
            case _:
                container[key] = deepcopy(chance.choice(ODD))
    return changed


def compared(version: CompiledPolicy, facts: Any, now: datetime) -> Decision | None:
    """The decision of the one function, after comparing it with that of the steps."""
    assert version.fused is not None
    for superset in (False, True):
        decision = version.fused(facts, now, DIGEST, superset)
        steps = version.decide_in_steps(facts, now=now, bundle_digest=DIGEST, superset=superset)
        assert decision is None or decision == steps
        assert decision is None or repr(decision) == repr(steps)
        assert steps.to_json() == json.dumps(steps.to_dict()).encode()
    return version.fused(facts, now, DIGEST, False)


def test_mutated_facts_of_every_policy_are_decided_alike() -> None:
    chance = random.Random(19)
    fused: set[str] = set()
    for case in some_cases():
        version = shipped().choose(case.policy, case.facts, case.at).version
        version.fuse()
        facts = facts_of(case, version)
        now = case.at.astimezone(UTC)
        valid = not version.facts_check.check(facts)[1]
        decision = compared(version, facts, now)
        if valid and not _has_whole_scores(facts):
            assert decision is not None, facts
            fused.add(f"{case.policy}/{decision.rule.partition('[')[0]}")
        for _ in range(MUTATIONS):
            compared(version, mutated(facts, chance), now)
    assert {name.partition("/")[0] for name in fused} == set(shipped().policies)
    assert len(fused) > 50


def _has_whole_scores(facts: Any) -> bool:
    """Whether a score has to be converted to a double first."""
    return any(key == "score" and type(container[key]) is int for container, key in places(facts))


@pytest.mark.parametrize("odd", [None, 1, "facts", [], OrderedDict(FACTS), {}, {"paid": True}])
def test_odd_facts_are_left_to_the_steps(odd: object) -> None:
    version = fused_version(bundle_of(RETURNS))
    assert version.fused is not None
    assert version.fused(odd, NOW, DIGEST, False) is None


def fused_version(bundle: Bundle) -> CompiledPolicy:
    (versions,) = bundle.policies.values()
    versions.newest.fuse()
    return versions.newest


def test_facts_are_quoted_in_messages() -> None:
    version = fused_version(bundle_of(RETURNS.replace("Nothing was paid.", '"Bought {bought_at}."').replace(
        "bought_at: timestamp", "bought_at: {type: timestamp, show: true}"
    )))  # fmt: skip
    decision = compared(version, {**FACTS, "paid": False}, NOW)
    assert decision is not None and decision.message == "Bought 2026-02-20T12:00:00Z."
    decision = compared(version, {**FACTS, "amount": 2_000}, NOW)
    assert decision is not None and decision.message == "2000 is a lot."


SHARED = """\
policy: stay
version: 1
effective_from: 2026-01-01T00:00:00Z
facts: {nights: {type: int, min: 0, max: 99}, member: bool}
conditions:
  long: nights > 6
outcomes: [allow, look]
on_error: look
rules:
  - {id: member, when: member && (long || nights < 5), then: allow, set: {fee: 'long ? 50 : 80'}}
otherwise: {id: other, then: look, set: {fee: 'long ? 70 : 90'}}
outputs:
  is_long: {type: bool, value: long}
  fee: {type: int}
"""


@pytest.mark.parametrize("hit", ["first", "worst", "unique"])
def test_a_condition_that_rules_set_by_and_outputs_read_is_computed_once_and_in_time(hit: str) -> None:
    version = fused_version(bundle_of(SHARED.replace("on_error", f"hit: {hit}\non_error")))
    for nights, member, fee in ((7, True, 50), (3, True, 80), (7, False, 70), (3, False, 90)):
        decision = compared(version, {"nights": nights, "member": member}, NOW)
        assert decision is not None
        assert decision.outputs == {"is_long": nights == 7, "fee": fee}


def test_a_policy_is_fused_after_many_decisions_and_decides_the_same() -> None:
    bundle = bundle_of(RETURNS)
    version = bundle.policies["returns"].newest
    decisions = []
    for _ in range(FUSED_AFTER):
        assert version.fused is None
        decisions.append(bundle.decide("returns", FACTS, now=NOW))
    assert version.fused is not None
    decisions.append(bundle.decide("returns", FACTS, now=NOW))
    assert decisions == decisions[:1] * (FUSED_AFTER + 1)


def test_bundle_uses_the_fused_function() -> None:
    bundle = bundle_of(RETURNS)
    version = fused_version(bundle)
    asked = []

    def fused(facts: object, now: datetime, digest: str, superset: bool) -> Decision:
        asked.append((facts, now, digest, superset))
        return version.decide_in_steps(facts, now=now, bundle_digest=digest, superset=superset)

    version.fused = fused
    bundle.decide("returns", FACTS, now=NOW, superset=True)
    assert asked == [(FACTS, NOW, bundle.digest, True)]


def test_invalid_facts_are_checked_slowly_once() -> None:
    bundle = bundle_of(RETURNS)
    version = fused_version(bundle)
    fused, asked = version.fused, 0

    def counting(*args: Any) -> Decision | None:
        nonlocal asked
        asked += 1
        assert fused is not None
        return fused(*args)

    version.fused = counting
    assert bundle.decide("returns", {}, now=NOW).reason == "missing-fact:paid"
    assert asked == 1


@pytest.mark.parametrize(
    "now", [NOW.astimezone(timezone(timedelta(hours=2))), NOW.replace(year=2201), NOW.replace(tzinfo=None)]
)
def test_other_moments_are_left_to_the_steps(now: datetime) -> None:
    bundle = bundle_of(RETURNS)
    plain = bundle_of(RETURNS)
    fused_version(bundle)
    if now.tzinfo is None or now.year > 2200:
        with pytest.raises(ValueError, match="`now` must be an aware datetime from 1970 to 2200"):
            bundle.decide("returns", FACTS, now=now)
    else:
        assert bundle.decide("returns", FACTS, now=now) == plain.decide("returns", FACTS, now=now)


def test_another_backend_is_never_replaced_by_the_fused_function() -> None:
    version = by_reference(shipped().policies["chat"].newest.validated)
    version.fuse()
    assert version.fused is None


LINES = """\
policy: lines
version: 1
effective_from: 2026-01-01T00:00:00Z
facts:
  limit: int?
  lines: {list: {kind: {enum: [small, large, huge]}, amount: int, at: "timestamp?", tags: {list: string}}}
  names: {list: {type: string, max_length: 3}}
parameters:
  rows:
    table: {kind: {enum: [small, large, huge]}, most: int, until: timestamp}
    key: [kind]
    rows:
      - [small, 1, 2026-05-01T00:00:00Z]
      - [large, 5, 2026-01-01T00:00:00Z]
conditions:
  over: lines.exists(l, limit != null && l.amount > limit)
  all_old: lines.all(l, l.at == null || now >= l.at)
  tagged: lines.exists(l, l.tags.exists(t, t in names))
outcomes: [allow, warn, deny]
on_error: deny
hit: HIT
rules:
  - {id: over, when: over, then: deny, source: Test}
  - {id: new, unless: all_old, then: warn, source: Test}
  - {id: tagged, when: tagged, then: warn, source: Test}
  - id: row
    for_each: {row: rows}
    when: lines.exists(l, l.kind == row.kind && l.amount > row.most) && size(names) > 0
    then: deny
    message: "More than {row.most} until {row.until}."
    source: Test
otherwise: {id: fine, then: allow, permit_because: Test}
outputs:
  latest: {type: timestamp, value: "size(lines) > 0 ? now + hours(1) : now"}
  small: {type: int, value: 'size(lines.filter(l, l.kind == "small"))'}
  none_huge: {type: bool, value: '!lines.exists(l, l.kind == "huge") && !over'}
"""
LINE = {"kind": "small", "amount": 2, "at": "2026-02-01T00:00:00Z", "tags": ["a"]}
OTHERS: list[dict[str, Any]] = [
    {}, {"amount": 9}, {"kind": "huge", "amount": 9}, {"at": None}, {"at": NOW + timedelta(1)}, {"at": NOW}, {"tags": []},
    {"tags": ["abc", "b"]}, {"kind": "large", "amount": 6},
]  # fmt: skip


@pytest.mark.parametrize("hit", ["first", "worst"])
def test_questions_about_items_are_answered_alike(hit: str) -> None:
    version = fused_version(bundle_of(LINES.replace("HIT", hit)))
    chance = random.Random(19)
    rules: set[str] = set()
    for _ in range(300):
        lines = [{**LINE, **other} for other in chance.choices(OTHERS, k=chance.randrange(5))]
        if lines and chance.random() < 0.2:
            lines = [{k: v for k, v in line.items() if k != "at" or chance.random() < 0.5} for line in lines]
        facts = {
            "limit": chance.choice([None, 1, 7]),
            "lines": lines,
            "names": chance.choice([[], ["b"], ["abc"], ["\xe9"]]),
        }
        decision = compared(version, facts, NOW)
        assert decision is not None
        rules |= {*decision.matched} or {decision.rule}
        assert compared(version, {**facts, "names": ["abcd"]}, NOW) is None
        compared(version, mutated(facts, chance), NOW)
    assert rules >= {"over", "new", "tagged", "row[small]", "fine"}
