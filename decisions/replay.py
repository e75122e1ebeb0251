"""Makes recorded decisions again, from the stored text of their policies and the recorded facts, and compares."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from django.db.models import Max, Min

from decisions import bundles
from decisions.fields import canonical
from decisions.logs import get_logger
from decisions.models import DecisionRecord, ReplayRun
from decisions.records import answer_of, as_decided, private_of
from decisions.sealing import Erased, Replaced, Sealed, Unopened, unseal
from decisions.texts import TextUnavailable, load_text
from engine import Bundle, Decision, PolicyNotInForce, UnknownPolicy
from engine.compiled import CompiledPolicy
from engine.expression.values import to_json

log = get_logger(__name__)

DAY: Final = timedelta(hours=23)
"""A little less than a day, so that a replay at the same hour every day is not skipped."""
NIGHTLY: Final = 300
NEWEST_OF_EACH: Final = 5
"""Records of each policy and outcome in a sample, so that a rare outcome is replayed too."""
NAMED: Final = 20
CHUNK: Final = 500

Verdict = Literal["same", "differs", "not-replayable"]
COLUMNS: Final = ("policy", "version", "revision", "outcome", "rule", "reason")
ADDED: Final = ("revision", "reason")
"""Columns that records had not before whole decisions were kept."""
AGAINST: Final = ("outcome", "obligations", "outputs", "status")
"""What matters when other policies decide: their words and versions always differ."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """`said` names what differs, or why the decision cannot be made again."""

    record_id: int
    verdict: Verdict
    said: str = ""


class NotReplayable(Exception):
    """Says why a decision cannot be made again."""


class Altered(NotReplayable):
    """Says what is no longer as it was recorded."""


@dataclass(slots=True)
class Replayer:
    """Replays with the text that decided, or with the bundle `against`."""

    against: Bundle | None = None
    _loaded: dict[str, Bundle | TextUnavailable] = field(default_factory=dict)

    def replay(self, record: DecisionRecord) -> Replayed:
        try:
            recorded, decided = self._both(record)
        except Altered as reason:
            return Replayed(record.pk, "differs", str(reason))
        except NotReplayable as reason:
            return Replayed(record.pk, "not-replayable", str(reason))
        if canonical(recorded) == canonical(decided):
            return Replayed(record.pk, "same")
        names = [n for n in sorted(recorded | decided) if recorded.get(n) != decided.get(n)]
        return Replayed(record.pk, "differs", "; ".join(_change(n, recorded, decided) for n in names))

    def _both(self, record: DecisionRecord) -> tuple[dict[str, Any], dict[str, Any]]:
        """What was recorded and what is decided now."""
        original = self.original(record.digest)
        answer = record.answer or {}
        if answer.get("inexact"):
            raise NotReplayable("a fact had a type that JSON does not have")
        facts, outputs = facts_of(record, version_of(original, record))
        decision = self._decide(self.against or original, record, facts)
        recorded = {name: getattr(record, name) for name in COLUMNS}
        decided = {name: getattr(decision, name) for name in COLUMNS}
        if record.answer is None:  # from before the whole decision was kept
            return _without(recorded, ADDED), _without(decided, ADDED)
        recorded |= answer | {"outputs": answer["outputs"] | outputs}
        recorded["in_force_at"] = to_json(record.in_force_at)
        decided |= answer_of(decision) | {"in_force_at": to_json(decision.in_force_at)}
        if self.against is None:
            return recorded, decided
        return _only(recorded, AGAINST), _only(decided, AGAINST)

    def original(self, digest: str) -> Bundle:
        """The bundle that decided. Raises NotReplayable."""
        if digest not in self._loaded:
            try:
                self._loaded[digest] = load_text(digest)
            except TextUnavailable as unavailable:
                self._loaded[digest] = unavailable
        loaded = self._loaded[digest]
        if isinstance(loaded, TextUnavailable):
            raise NotReplayable(str(loaded)) from loaded
        return loaded

    @staticmethod
    def _decide(bundle: Bundle, record: DecisionRecord, facts: dict[str, Any]) -> Decision:
        try:
            return bundle.decide(record.policy, facts, now=record.decided_at, superset=True)
        except (UnknownPolicy, PolicyNotInForce) as error:
            raise NotReplayable(str(error)) from None


def version_of(bundle: Bundle, record: DecisionRecord) -> CompiledPolicy:
    """The version that decided. Raises NotReplayable."""
    versions = bundle.policies.get(record.policy)
    if versions is not None and record.version in versions.by_number:
        return versions.by_number[record.version]
    raise NotReplayable(f"its bundle has no version {record.version} of `{record.policy}`")


def facts_of(
    record: DecisionRecord, version: CompiledPolicy, *, sealed: Sealed | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts, and the outputs that were recorded as pseudonyms, unsealed. `sealed` was read beforehand for many records.
    Raises NotReplayable or Altered."""
    declared = version.validated.policy.facts
    outputs = (record.answer or {}).get("outputs", {})
    is_private = any(declared[name].private for name in record.facts if name in declared)
    if not is_private and version.private_outputs.isdisjoint(outputs):
        return as_decided(record.facts, declared), {}
    if not record.engine:
        raise NotReplayable("its private facts were recorded before they were sealed")
    if record.actor_id is None:
        raise NotReplayable("its private facts belong to nobody, so they were not sealed")
    try:
        private = unseal(record.pk, private_of(version, record.facts, outputs), sealed=sealed)
    except Erased:
        raise NotReplayable("erased") from None
    except Unopened:
        raise NotReplayable("its sealed facts were altered, or sealed before an erasure") from None
    except Replaced:
        raise Altered("its sealed facts are not those that were recorded") from None
    facts = record.facts | private.get("facts", {})
    return as_decided(facts, declared), private.get("outputs", {})


def _without(said: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in names}


def _only(said: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: said[name] for name in names if name in said}


def _change(name: str, recorded: dict[str, Any], decided: dict[str, Any]) -> str:
    """Outputs may reveal private facts, so only their names are told."""
    before, after = recorded.get(name), decided.get(name)
    if isinstance(before, dict) and isinstance(after, dict):
        return ", ".join(
            f"{name}.{key}" for key in sorted(before | after) if before.get(key) != after.get(key)
        )
    return f"{name} `{_shown(before)}` is now `{_shown(after)}`"


def _shown(value: object) -> str:
    return value if isinstance(value, str) else canonical(value)


def replay_since(since: datetime, *, against: Bundle | None = None) -> Iterator[Replayed]:
    replayer = Replayer(against)
    records = DecisionRecord.objects.filter(decided_at__gte=since).order_by("pk")
    yield from map(replayer.replay, records.iterator(CHUNK))


def replay_these(ids: Iterable[int], *, against: Bundle | None = None) -> Iterator[Replayed]:
    replayer = Replayer(against)
    records = DecisionRecord.objects.filter(pk__in=list(ids)).order_by("pk")
    yield from map(replayer.replay, records.iterator(CHUNK))


def sample(size: int, *, draw: random.Random) -> set[int]:
    """Ids of random records and of the newest of each policy and outcome. `draw` is a `random.Random`."""
    ends = DecisionRecord.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return set()
    span = range(ends["first"], ends["last"] + 1)
    chosen = set(draw.sample(span, min(size, len(span))))
    for policy, versions in bundles.in_force().policies.items():
        for outcome in {outcome for version in versions.all for outcome in version.outcomes}:
            newest = DecisionRecord.objects.filter(policy=policy, outcome=outcome).order_by("-pk")
            chosen |= set(newest.values_list("pk", flat=True)[:NEWEST_OF_EACH])
    return chosen


def replay_nightly(*, now: datetime) -> int:
    """Replays a sample once a day and returns its size. What differed the last time is replayed again."""
    last = ReplayRun.objects.order_by("-pk").first()
    if last is not None and timedelta(0) <= now - last.at < DAY:
        return 0
    again = [entry["record"] for entry in last.different] if last else []
    return record_run(replay_these({*again, *sample(NIGHTLY, draw=random.SystemRandom())}), now=now).replayed


def record_run(replayed: Iterable[Replayed], *, now: datetime) -> ReplayRun:
    """Stores what a replay found, for `/readyz`."""
    counts = dict.fromkeys(("same", "differs", "not-replayable"), 0)
    different = []
    for result in replayed:
        counts[result.verdict] += 1
        if result.verdict == "differs":
            log.error("decision_differs", record=result.record_id, differs=result.said)
            different.append({"record": result.record_id, "said": result.said})
    return ReplayRun.objects.create(
        at=now,
        replayed=sum(counts.values()),
        not_replayable=counts["not-replayable"],
        differing=counts["differs"],
        different=different[:NAMED],
    )


def replay_problem() -> str | None:
    """What the last replay found, if it needs a person's attention."""
    last = ReplayRun.objects.order_by("-pk").first()
    if last is None or not last.differing:
        return None
    first = last.different[0]
    are = "decision is" if last.differing == 1 else "decisions are"
    return f"{last.differing} recorded {are} decided otherwise now; the first is {first['record']}: {first['said']}"
