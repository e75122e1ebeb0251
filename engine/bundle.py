"""A bundle: all compiled policies at one time, identified by the digest of their texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from documents.diagnostics import Diagnostic, Severity, did_you_mean, has_errors, in_order
from documents.folders import unread_file, unread_files
from documents.source import Source, decode_source, read_bytes
from engine.backends.backend import Backend, NotExpressible
from engine.backends.python.compiler import compile_policy
from engine.compiled import CompiledPolicy
from engine.decision import Decision, FactError, not_in_force
from engine.explain.budget import Budget
from engine.explain.counterfactual import counterfactuals
from engine.explain.explain import explain
from engine.expression.quantity import LAST, from_datetime, to_datetime
from engine.policy.in_force import (
    Period,
    latest_number,
    moment_of_choice,
    number_at,
    numbers_in_force,
    periods,
    position_at,
)
from engine.policy.loader import load
from engine.policy.model import Policy
from engine.policy.released import check_released, read_lock
from engine.policy.validated import ValidatedPolicy
from engine.policy.validator import validate


class UnknownPolicy(LookupError):
    """The bundle has no policy of that name."""


class PolicyNotInForce(LookupError):
    """No version is in force at the requested moment; the stable code is `policy_not_in_force`."""

    code = "policy_not_in_force"


class Choice(NamedTuple):
    """The version that decides, and the moment at which it was in force: `now`, or the earlier moment of `in_force_by`."""

    version: CompiledPolicy
    moment: datetime
    errors: tuple[FactError, ...] = ()
    """Why no version can decide; the answer is then the version's `on_error`."""


@dataclass(frozen=True)
class Versions:
    """The versions of one policy by number, and which of them is in force when."""

    all: tuple[CompiledPolicy, ...]

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        return periods(v.validated.policy for v in self.all)

    @cached_property
    def by_number(self) -> Mapping[int, CompiledPolicy]:
        return {v.version: v for v in self.all}

    @cached_property
    def deciding(self) -> tuple[CompiledPolicy, ...]:
        """The versions that are ever in force. The others are withdrawn, or another one always takes precedence."""
        numbers = numbers_in_force(self.periods)
        return tuple(v for v in self.all if v.version in numbers)

    @cached_property
    def newest(self) -> CompiledPolicy:
        """The highest number of those that are ever in force; of all if there is none."""
        return (self.deciding or self.all)[-1]

    @cached_property
    def last(self) -> tuple[datetime, CompiledPolicy] | None:
        """The start of the last period and its version, which decides almost always; None if a fact may choose another one."""
        start, number = self.periods[-1]
        if number is None or self._chosen_by_fact:
            return None
        return to_datetime(start), self.by_number[number]

    @cached_property
    def _chosen_by_fact(self) -> bool:
        return any(v.validated.policy.in_force_by is not None for v in self.deciding)

    def at(self, now: datetime) -> CompiledPolicy:
        """The version in force at `now`. Raises PolicyNotInForce, and ValueError for a naive `now`."""
        micros = _micros(now)
        number = number_at(self.periods, micros)
        if number is None:
            raise PolicyNotInForce(self._not_in_force(micros))
        return self.by_number[number]

    def choose(self, facts: object, now: datetime) -> Choice:
        """The version that decides about these facts, which may be older than the one in force. Raises as `at` does.

        The version in force at `now`, or in a gap the last one before it, says which fact chooses. If that fact is missing or
        malformed, the version in force at `now` decides, and so reports it.
        """
        if not self._chosen_by_fact:
            return Choice(self.at(now), now)
        micros = _micros(now)
        number = latest_number(self.periods, micros)
        fact = None if number is None else self.by_number[number].validated.policy.in_force_by
        if number is None or fact is None:
            return Choice(self.at(now), now)
        given = facts.get(fact) if isinstance(facts, Mapping) else None
        moment = moment_of_choice(micros, self.by_number[number].facts_check.moment(fact, given))
        number = number_at(self.periods, moment)
        if number is not None:
            return Choice(self.by_number[number], now if moment == micros else to_datetime(moment))
        return Choice(self.at(now), now, (not_in_force(fact),))

    def _not_in_force(self, micros: int) -> str:
        name = self.all[0].name
        position = position_at(self.periods, micros)
        later = next((p.start for p in self.periods[position + 1 :] if p.version is not None), None)
        if later is not None and latest_number(self.periods, micros) is None:
            return f"the policy `{name}` is not in force before {to_datetime(later).isoformat()}"
        start = to_datetime(self.periods[position].start).isoformat()
        until = f" until {to_datetime(later).isoformat()}" if later is not None else " on"
        return f"the policy `{name}` is not in force from {start}{until}"


def _micros(now: datetime) -> int:
    micros = from_datetime(now)
    if micros is None:
        raise ValueError("`now` must be an aware datetime from 1970 to 2200")
    return micros


@dataclass(frozen=True)
class Bundle:
    """Immutable. `policies` maps each name to the versions of the policy, each the result of `compile`."""

    digest: str
    policies: Mapping[str, Versions]
    compile: Backend = compile_policy

    def version_at(self, policy: str, now: datetime) -> CompiledPolicy:
        """The version in force at `now`. Raises UnknownPolicy, PolicyNotInForce, and ValueError for a naive `now`."""
        return self._versions(policy).at(now)

    def validated(self) -> list[ValidatedPolicy]:
        """Every version of every policy."""
        return [version.validated for versions in self.policies.values() for version in versions.all]

    def version_of(self, decision: Decision) -> CompiledPolicy:
        """The version that made a decision of this bundle."""
        return self.policies[decision.policy].by_number[decision.version]

    def choose(self, policy: str, facts: object, now: datetime) -> Choice:
        """The version that decides about these facts. Raises as `version_at` does."""
        return self._versions(policy).choose(facts, now)

    def _versions(self, policy: str) -> Versions:
        versions = self.policies.get(policy)
        if versions is None:
            hint = did_you_mean(policy, self.policies)
            raise UnknownPolicy(f"there is no policy `{policy}`{f'; {hint}' if hint else ''}")
        return versions

    def decide(
        self,
        policy: str,
        facts: object,
        *,
        now: datetime,
        explain: bool = False,
        counterfactuals: Budget | None = None,
        superset: bool = False,
    ) -> Decision:
        """Decide with the version in force at `now`, or at the moment of the fact that `in_force_by` names if that is earlier.
        Raises UnknownPolicy, PolicyNotInForce, and ValueError for a naive `now`.

        Invalid facts never raise: they give the policy's `on_error`. `explain` asks for the reasons. `counterfactuals` asks what
        would give a more permissive outcome, and is the budget of that search. With `superset`, facts that the version does not
        declare are ignored, so that services can already send what the next version needs.
        """
        last = self._last.get(policy)
        if last is not None and now.tzinfo is UTC and last[0] <= now <= LAST:
            version = last[1]
            decision = None
            if version.fused is not None and not explain:
                decision = version.fused(facts, now, self.digest, superset)
            if decision is None:
                decision = version.decide_in_steps(
                    facts, now=now, bundle_digest=self.digest, superset=superset, explain=explain
                )
        else:
            version, moment, errors = self.choose(policy, facts, now)
            if errors:
                decision = version.refuse(errors, now, self.digest)
            else:
                decision = version.decide(
                    facts, now=now, bundle_digest=self.digest, superset=superset, explain=explain
                )
                if moment is not now:
                    decision = decision._replace(in_force_at=moment)
        if explain or counterfactuals is not None:
            return _asked(version, facts, decision, superset, explain, counterfactuals)
        return decision

    @cached_property
    def _last(self) -> Mapping[str, tuple[datetime, CompiledPolicy]]:
        return {name: versions.last for name, versions in self.policies.items() if versions.last is not None}


def _asked(
    version: CompiledPolicy,
    facts: object,
    decision: Decision,
    superset: bool,
    why: bool,
    budget: Budget | None,
) -> Decision:
    """Add what was requested to the decision. If facts are invalid, nothing is searched: the errors say what to fix."""
    if budget is None and decision.explanation is not None:
        return decision
    checked, _ = version.facts_check.check(facts, superset=superset)
    now = from_datetime(decision.evaluated_at)
    assert now is not None
    explanation, flips = decision.explanation, None
    if why and explanation is None:
        explanation = explain(version, None if decision.errors else checked, now, decision)
    if budget is not None and not decision.errors:
        flips = counterfactuals(version, checked, now, decision.outcome, budget)
    return decision._replace(explanation=explanation, counterfactuals=flips)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`bundle` is None if any diagnostic is an error."""

    bundle: Bundle | None
    diagnostics: tuple[Diagnostic, ...]


CLAIMS = "claims.yaml"
"""The file beside the policies that says what must always hold of them."""


def policy_files(directory: Path) -> list[Path]:
    """The policy files of a directory, sorted by name; hidden files and the claims are ignored."""
    return sorted(p for p in directory.glob("*.yaml") if not p.name.startswith(".") and p.name != CLAIMS)


@dataclass(frozen=True, slots=True)
class File:
    """The result of loading one file; `versions` is None if any problem is an error."""

    digest: bytes
    compile: Backend
    policies: tuple[Policy, ...]
    versions: Versions | None
    diagnostics: tuple[Diagnostic, ...]


class Kept:
    """The files of the last load, by name, so that the next load can reuse unchanged ones."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}


def load_bundle(
    directory: Path,
    *,
    released: Severity = "error",
    compile: Backend = compile_policy,
    kept: Kept | None = None,
) -> Loaded:
    """Load, validate and compile every policy of a directory, and report every problem of every file.

    `released` is the severity of a changed or missing released version. `compile` comes from `engine.backends`. With `kept`,
    which a single caller owns, files that have not changed since its last load are not compiled again.
    """
    if not directory.is_dir():
        message = "there is no such folder of policies"
        return Loaded(None, (Diagnostic(str(directory), 1, 1, "no-policies", message),))
    files = policy_files(directory)
    unread = [unread_file(path) for path in unread_files(directory)]
    if not files and not unread:
        message = "the folder holds no policy"
        hint = "policies are files that end in `.yaml`, in the folder itself"
        return Loaded(None, (Diagnostic(str(directory), 1, 1, "no-policies", message, hint),))
    loaded = load_files(files, compile=compile, kept=kept)
    lock, problems = read_lock(directory)
    problems += unread
    if loaded.bundle is not None:
        problems += check_released(lock, loaded.bundle.validated(), released)
    diagnostics = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(diagnostics) else loaded.bundle, diagnostics)


def load_files(
    files: Iterable[Path], *, compile: Backend = compile_policy, kept: Kept | None = None
) -> Loaded:
    """Load a bundle from some files; see `load_bundle`."""
    before = kept.files if kept is not None else {}
    after = {str(path): _read_file(path, before.get(str(path)), compile) for path in files}
    if kept is not None:
        kept.files = after
    return _bundle(after.values(), compile)


def load_sources(
    sources: Iterable[Source], problems: Iterable[Diagnostic] = (), *, compile: Backend = compile_policy
) -> Loaded:
    """Load a bundle from texts; see `load_bundle`."""
    return _bundle([_load_source(source, compile) for source in sources], compile, problems)


def _read_file(path: Path, before: File | None, compile: Backend) -> File:
    data, problems = read_bytes(path, str(path))
    if data is None:
        return File(b"", compile, (), None, tuple(problems))
    digest = hashlib.sha256(data).digest()
    if before is not None and before.digest == digest and before.compile is compile:
        return before
    source, problems = decode_source(data, str(path))
    if source is None or has_errors(problems):
        return File(digest, compile, (), None, tuple(problems))
    return _load_source(source, compile, digest, problems)


def _load_source(
    source: Source, compile: Backend, digest: bytes = b"", problems: Iterable[Diagnostic] = ()
) -> File:
    policies, diagnostics = load(source)
    validated, problems_of_policies = _validate(policies)
    said = {(d.line, d.column, d.length) for d in problems_of_policies}
    diagnostics = tuple(
        d for d in diagnostics if d.code not in _ALSO_SAID or (d.line, d.column, d.length) not in said
    )
    merged = {d.line for d in diagnostics if d.code == "yaml-merge"}
    all_diagnostics = [
        d
        for d in (*problems, *diagnostics, *problems_of_policies)
        if d.code != "missing-key" or d.line not in merged
    ]
    compiled, problems_of_target = ((), ()) if has_errors(all_diagnostics) else _compile(validated, compile)
    versions = Versions(tuple(sorted(compiled, key=lambda v: v.version))) if compiled else None
    return File(digest, compile, policies, versions, (*all_diagnostics, *problems_of_target))


_ALSO_SAID = frozenset(["yaml-comma", "ambiguous-boolean"])
"""Problems of the YAML that the validator explains better, since it knows which value is expected there."""


def _bundle(files: Iterable[File], compile: Backend, problems: Iterable[Diagnostic] = ()) -> Loaded:
    """Combine loaded files; each policy must be in a single file."""
    all_problems = list(problems)
    versions: dict[str, Versions] = {}
    names: set[str] = set()
    for file in files:
        all_problems += file.diagnostics
        if not file.policies:
            continue
        first = file.policies[0]
        if first.name and first.name in names:
            message = f"the policy `{first.name}` is in another file too"
            all_problems.append(
                first.node.diagnostic("duplicate-policy", message, "one file holds all versions of a policy")
            )
        names.add(first.name)
        if file.versions is not None:
            versions.setdefault(first.name, file.versions)
    diagnostics = in_order(all_problems)
    bundle = None if has_errors(diagnostics) else Bundle(_digest(versions), versions, compile)
    return Loaded(bundle, diagnostics)


def _validate(policies: tuple[Policy, ...]) -> tuple[list[ValidatedPolicy], list[Diagnostic]]:
    checked = [validate(policy) for policy in policies]
    return [v for v, _ in checked if v is not None], [d for _, problems in checked for d in problems]


def _compile(
    validated: list[ValidatedPolicy], compile: Backend
) -> tuple[tuple[CompiledPolicy, ...], tuple[Diagnostic, ...]]:
    try:
        return tuple(compile(v) for v in validated), ()
    except NotExpressible as error:
        return (), error.diagnostics


def _digest(versions: Mapping[str, Versions]) -> str:
    lines = [f"{name} {v.version} {v.digest}\n" for name in sorted(versions) for v in versions[name].all]
    return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()
