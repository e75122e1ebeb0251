"""What a candidate for the policies would have decided about the recorded decisions, and whom it would have concerned."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db.models import Max, QuerySet, TextField
from django.db.models.functions import Cast

from decisions.models import DecisionRecord
from decisions.replay import NotReplayable, Replayer, facts_of, version_of
from decisions.sealing import Sealed, read_sealed
from engine import Bundle, Decision
from engine.batch import extra
from engine.compiled import CompiledPolicy
from engine.explain.explain import explain
from engine.expression.quantity import from_datetime
from engine.expression.values import to_json

CHUNK: Final = 1_000
QUICK_CHUNK: Final = 20_000
"""Records that one query looks at."""
SAMPLES: Final = 3
"""Records of each kind of change whose decisions are explained."""
NAMED: Final = 10_000
"""Changed records, people and subjects that are told one by one; the counts have no limit."""
MOST_PEOPLE: Final = 100_000
"""People are counted exactly up to here: the tally has to fit into memory."""

Explained = dict[str, Any]


@dataclass(slots=True)
class Kind:
    """One kind of change: a policy and what becomes what."""

    policy: str
    change: str
    count: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    samples: list[int] = field(default_factory=list)

    def add(self, record: DecisionRecord, rule: str) -> None:
        self.count += 1
        self.rules[f"{record.rule} -> {rule}"] += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(record.pk)


@dataclass(slots=True)
class Tally:
    """What was found up to the record `last`. `left` counts records about which nothing can be said, by the reason."""

    last: int = 0
    unchanged: int = 0
    """Decided by a text that the candidate has too."""
    same: int = 0
    changed: int = 0
    left: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Kind] = field(default_factory=dict)
    records: list[int] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    subjects: set[tuple[str, int]] = field(default_factory=set)

    @property
    def compared(self) -> int:
        return self.unchanged + self.same + self.changed

    @property
    def share(self) -> float:
        return self.changed / self.compared if self.compared else 0.0

    def forbidden(self, pairs: list[tuple[str, str]]) -> list[Kind]:
        wanted = {f"{old} -> {new}" for old, new in pairs}
        return [kind for kind in self.kinds.values() if kind.change in wanted]

    def add_change(self, record: DecisionRecord, change: str, rule: str) -> None:
        self.changed += 1
        self.kinds.setdefault(f"{record.policy}: {change}", Kind(record.policy, change)).add(record, rule)
        if len(self.records) < NAMED:
            self.records.append(record.pk)
        if record.actor_id is not None and len(self.people) < MOST_PEOPLE:
            self.people.add(record.actor_id)
        if record.subject_id is not None and len(self.subjects) < MOST_PEOPLE:
            self.subjects.add((record.subject_kind, record.subject_id))

    def to_json(self) -> dict[str, Any]:
        return {
            "last": self.last,
            "unchanged": self.unchanged,
            "same": self.same,
            "changed": self.changed,
            "left": dict(self.left),
            "kinds": [[k.policy, k.change, k.count, dict(k.rules), k.samples] for k in self.kinds.values()],
            "records": self.records,
            "people": sorted(self.people),
            "subjects": sorted(self.subjects),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Tally":
        kinds = [
            Kind(policy, change, n, Counter(rules), samples)
            for policy, change, n, rules, samples in said["kinds"]
        ]
        return cls(
            last=said["last"],
            unchanged=said["unchanged"],
            same=said["same"],
            changed=said["changed"],
            left=Counter(said["left"]),
            kinds={f"{kind.policy}: {kind.change}": kind for kind in kinds},
            records=said["records"],
            people=set(said["people"]),
            subjects={(kind, number) for kind, number in said["subjects"]},
        )


@dataclass(frozen=True, slots=True)
class Backtest:
    """Decides recorded facts again with the newest version of each policy of the candidate, as if it had been in force then.

    The records are those since a moment, up to the newest one at the start: what is recorded meanwhile is left out.
    """

    candidate: Bundle
    since: datetime | None
    upto: int
    replayer: Replayer = field(default_factory=Replayer)

    @classmethod
    def of(cls, candidate: Bundle, since: datetime | None) -> "Backtest":
        return cls(candidate, since, _since(since).aggregate(last=Max("pk"))["last"] or 0)

    def count(self, after: int = 0) -> int:
        return _since(self.since).filter(pk__gt=after, pk__lte=self.upto).count()

    def run(self, tally: Tally) -> Iterator[int]:
        """Continues the tally, chunk by chunk, and yields the number of records of each."""
        rest = _since(self.since).filter(pk__lte=self.upto).order_by("pk")
        quick = Quick(self) if extra.is_installed() else None
        while True:
            after = rest.filter(pk__gt=tally.last)
            if quick is None:
                read = left = list(after.values_list("pk", flat=True)[:CHUNK])
            else:
                read, left = quick.count(after[:QUICK_CHUNK], tally)
            if not read:
                return
            for start in range(0, len(left), CHUNK):
                some = left[start : start + CHUNK]
                sealed = read_sealed(some)
                for record in DecisionRecord.objects.filter(pk__in=some).order_by("pk"):
                    self._count(record, sealed, tally)
            tally.last = read[-1]
            yield len(read)

    def _count(self, record: DecisionRecord, sealed: Sealed, tally: Tally) -> None:
        try:
            old = version_of(self.replayer.original(record.digest), record)
            new = self._version(record.policy)
            if new.digest == old.digest:
                tally.unchanged += 1
                return
            decided, outputs = self._decide(record, old, new, sealed)
        except NotReplayable as reason:
            tally.left[str(reason)] += 1
            return
        change = _change(record, outputs, decided)
        if change is None:
            tally.same += 1
        else:
            tally.add_change(record, change, decided.rule)

    def _version(self, policy: str) -> CompiledPolicy:
        versions = self.candidate.policies.get(policy)
        if versions is None:
            raise NotReplayable(f"the candidate has no policy `{policy}`")
        return versions.newest

    def _decide(
        self, record: DecisionRecord, old: CompiledPolicy, new: CompiledPolicy, sealed: Sealed | None
    ) -> tuple[Decision, dict[str, Any]]:
        """The candidate's decision, and the recorded outputs. Raises NotReplayable, also if the record lacks a fact."""
        if (record.answer or {}).get("inexact"):
            raise NotReplayable("a fact had a type that JSON does not have")
        facts, private = facts_of(record, old, sealed=sealed)
        decided = new.decide(facts, now=record.decided_at, bundle_digest=self.candidate.digest, superset=True)
        errors = (record.answer or {}).get("errors")
        if decided.errors and not errors:
            raise NotReplayable(f"the recorded facts do not fit the candidate: {decided.reason}")
        return decided, (record.answer or {}).get("outputs", {}) | private

    def deciding(self, policy: str, version: int, digest: str) -> tuple[CompiledPolicy, CompiledPolicy]:
        """The versions that decided a record and that decide it again. Raises NotReplayable."""
        record = DecisionRecord(policy=policy, version=version)
        return version_of(self.replayer.original(digest), record), self._version(policy)

    def explain(self, record_id: int) -> Explained:
        """Both decisions about a record with all their reasons, without private facts."""
        record = DecisionRecord.objects.get(pk=record_id)
        bundle = self.replayer.original(record.digest)
        old, new = version_of(bundle, record), self._version(record.policy)
        facts, _ = facts_of(record, old)
        decided, _ = self._decide(record, old, new, None)
        again = old.decide(facts, now=record.decided_at, bundle_digest=bundle.digest, superset=True)
        return {
            "record": record.pk,
            "policy": record.policy,
            "subject": [record.subject_kind, record.subject_id],
            "decided_at": to_json(record.decided_at),
            "old": _explained(old, facts, again),
            "new": _explained(new, facts, decided),
        }


class Quick:
    """Counts records of which it is certain, without the engine, that nothing changes: those of a text that the candidate keeps,
    and those that one query decides as they were decided. Needs the extra `batch`."""

    def __init__(self, backtest: Backtest) -> None:
        from engine.batch.recorded import SameDecisions

        self.backtest = backtest
        self.same = SameDecisions()
        self._found: dict[tuple[str, int, str], CompiledPolicy | bool] = {}

    def count(self, records: QuerySet[DecisionRecord], tally: Tally) -> tuple[list[int], list[int]]:
        """The ids of all records, and of those that the engine has to decide about."""
        # As texts, which Django would convert one by one, and more slowly.
        texts = {f"{name}_text": Cast(name, TextField()) for name in ("facts", "answer", "decided_at")}
        rows = list(
            records.annotate(**texts).values_list(
                *(
                    "policy",
                    "version",
                    "digest",
                    "pk",
                    "facts_text",
                    "answer_text",
                    "outcome",
                    "decided_at_text",
                )
            )
        )
        left: list[int] = []
        by_text: dict[tuple[str, int, str], list[tuple[Any, ...]]] = {}
        for row in rows:
            by_text.setdefault(row[:3], []).append(row[3:])
        for key, some in by_text.items():
            left += self._left(key, some, tally)
        return [row[3] for row in rows], sorted(left)

    def _left(self, key: tuple[str, int, str], records: list[tuple[Any, ...]], tally: Tally) -> list[int]:
        if key not in self._found:
            self._found[key] = self._comparable(*key)
        found = self._found[key]
        if found is True:
            tally.unchanged += len(records)
            return []
        same = set() if found is False else self.same.among(records, found)
        tally.same += len(same)
        return [id_ for id_, *_ in records if id_ not in same]

    def _comparable(self, policy: str, version: int, digest: str) -> CompiledPolicy | bool:
        """The version that decides again; True if it is the same text, False if only the engine can compare."""
        try:
            old, new = self.backtest.deciding(policy, version, digest)
        except NotReplayable:
            return False
        if old.digest == new.digest:
            return True
        declared = old.validated.policy.facts
        if old.private_outputs or any(fact.private for fact in declared.values()):
            return False
        wanted = new.validated.policy.facts.items()
        known = all(name in declared and declared[name].type == fact.type for name, fact in wanted)
        return new if known else False


def _since(since: datetime | None) -> QuerySet[DecisionRecord]:
    return DecisionRecord.objects.filter(**({} if since is None else {"decided_at__gte": since}))


def _change(record: DecisionRecord, outputs: Mapping[str, Any], decided: Decision) -> str | None:
    """What becomes what; None if nothing that matters changes. Outputs may reveal private facts, so only their names are told."""
    if decided.outcome != record.outcome:
        return f"{record.outcome} -> {decided.outcome}"
    if record.answer is None:  # from before the whole decision was kept
        return None
    if record.answer.get("status") != decided.status:
        return "status"
    if record.answer["obligations"] != list(decided.obligations):
        return "obligations"
    said = {name: to_json(value) for name, value in decided.outputs.items()}
    names = sorted(name for name in {**outputs, **said} if outputs.get(name) != said.get(name))
    return f"outputs {', '.join(names)}" if names else None


def _explained(version: CompiledPolicy, facts: Mapping[str, Any], decision: Decision) -> Explained:
    checked, _ = version.facts_check.check(facts, superset=True)
    now = from_datetime(decision.evaluated_at)
    assert now is not None
    explanation = explain(version, None if decision.errors else checked, now, decision)
    return {"outcome": decision.outcome, "rule": decision.rule, "reason": decision.reason, **explanation}


def turned(sample: Explained) -> list[str]:
    """The named conditions that hold in only one of the two decisions, or hold differently."""
    old, new = (
        {each["name"]: each["holds"] for each in sample[side]["conditions"]} for side in ("old", "new")
    )
    return [
        f"`{name}` {_word(old.get(name))} -> {_word(new.get(name))}"
        for name in sorted(old | new)
        if old.get(name) != new.get(name)
    ]


def _word(holds: bool | None) -> str:
    return "unknown" if holds is None else "true" if holds else "false"


class OtherBacktest(Exception):
    """The file holds the state of another backtest."""


def load_state(file: Path, candidate: Bundle, since: datetime | None) -> tuple[Backtest, Tally]:
    """Where an interrupted backtest continues; without the file, the start. Raises OtherBacktest and OSError."""
    if not file.exists():
        return Backtest.of(candidate, since), Tally()
    try:
        said = json.loads(file.read_text())
        if (said["candidate"], said["since"]) != (candidate.digest, to_json(since)):
            raise OtherBacktest
        return Backtest(candidate, since, said["upto"]), Tally.from_json(said["tally"])
    except (ValueError, KeyError, TypeError):
        raise OtherBacktest from None


def save_state(file: Path, backtest: Backtest, tally: Tally) -> None:
    """Replaces the file as a whole. Raises OSError."""
    said = {
        "candidate": backtest.candidate.digest,
        "since": to_json(backtest.since),
        "upto": backtest.upto,
        "tally": tally.to_json(),
    }
    written = file.with_name(file.name + ".new")
    written.write_text(json.dumps(said))
    written.replace(file)
