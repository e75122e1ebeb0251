"""A bundle: all compiled policies at one time, identified by the digest of their texts."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from documents.diagnostics import Diagnostic, Severity, did_you_mean, has_errors, in_order
from documents.folders import unread_file, unread_files
from documents.source import Source, decode_source, read_bytes
from engine.backends.backend import Backend, NotExpressible
from engine.backends.python.compiler import compile_policy
from engine.compiled import CompiledPolicy
from engine.decision import Decision
from engine.explain.budget import Budget
from engine.explain.counterfactual import counterfactuals
from engine.explain.explain import explain
from engine.expression.quantity import from_datetime, to_datetime
from engine.policy.loader import load
from engine.policy.model import Policy
from engine.policy.released import check_released, read_lock
from engine.policy.validated import ValidatedPolicy
from engine.policy.validator import validate


class UnknownPolicy(LookupError):
    """The bundle has no policy of that name."""


class PolicyNotInForce(LookupError):
    """The requested time is before the policy's first version; the stable code is `policy_not_in_force`."""

    code = "policy_not_in_force"


@dataclass(frozen=True)
class Versions:
    """The versions of one policy, each in force from its `effective_from` until that of the next."""

    all: tuple[CompiledPolicy, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        return tuple(v.validated.policy.effective_from for v in self.all)

    def at(self, now: datetime) -> CompiledPolicy:
        micros = from_datetime(now)
        if micros is None:
            raise ValueError("`now` must be an aware datetime from 1970 to 2200")
        position = bisect.bisect_right(self.starts, micros)
        if not position:
            first = to_datetime(self.starts[0]).isoformat()
            raise PolicyNotInForce(f"the policy `{self.all[0].name}` is not in force before {first}")
        return self.all[position - 1]


@dataclass(frozen=True)
class Bundle:
    """Immutable. `policies` maps each name to the versions of the policy, each the result of `compile`."""

    digest: str
    policies: Mapping[str, Versions]
    compile: Backend = compile_policy

    def version_at(self, policy: str, now: datetime) -> CompiledPolicy:
        versions = self.policies.get(policy)
        if versions is None:
            hint = did_you_mean(policy, self.policies)
            raise UnknownPolicy(f"there is no policy `{policy}`{f'; {hint}' if hint else ''}")
        return versions.at(now)

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
        """Decide with the version in force at `now`. Raises UnknownPolicy, PolicyNotInForce, and ValueError for a naive `now`.

        Invalid facts never raise: they give the policy's `on_error`. `explain` asks for the reasons. `counterfactuals` asks what
        would give a more permissive outcome, and is the budget of that search. With `superset`, facts that the version does not
        declare are ignored, so that services can already send what the next version needs.
        """
        version = self.version_at(policy, now)
        decision = version.decide(facts, now=now, bundle_digest=self.digest, superset=superset)
        if explain or counterfactuals is not None:
            return _asked(version, facts, decision, superset, explain, counterfactuals)
        return decision


def _asked(
    version: CompiledPolicy,
    facts: object,
    decision: Decision,
    superset: bool,
    why: bool,
    budget: Budget | None,
) -> Decision:
    """Add what was requested to the decision. If facts are invalid, nothing is searched: the errors say what to fix."""
    checked, errors = version.facts_check.check(facts, superset=superset)
    now = from_datetime(decision.evaluated_at)
    assert now is not None
    if why:
        told = explain(version, None if errors else checked, now, decision)
        decision = decision._replace(explanation=told)
    if budget is not None and not errors:
        flips = counterfactuals(version, checked, now, decision.outcome, budget)
        decision = decision._replace(counterfactuals=flips)
    return decision


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
        policies = [v.validated.policy for versions in loaded.bundle.policies.values() for v in versions.all]
        problems += check_released(lock, policies, released)
    found = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(found) else loaded.bundle, found)


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
    found = [*problems, *diagnostics, *problems_of_policies]
    compiled, problems_of_target = ((), ()) if has_errors(found) else _compile(validated, compile)
    return File(
        digest, compile, policies, Versions(compiled) if compiled else None, (*found, *problems_of_target)
    )


def _bundle(files: Iterable[File], compile: Backend, problems: Iterable[Diagnostic] = ()) -> Loaded:
    """Combine loaded files; each policy must be in a single file."""
    found = list(problems)
    versions: dict[str, Versions] = {}
    names: set[str] = set()
    for file in files:
        found += file.diagnostics
        if not file.policies:
            continue
        first = file.policies[0]
        if first.name and first.name in names:
            message = f"the policy `{first.name}` stands in another file too"
            found.append(
                first.node.diagnostic("duplicate-policy", message, "one file holds all versions of a policy")
            )
        names.add(first.name)
        if file.versions is not None:
            versions.setdefault(first.name, file.versions)
    diagnostics = in_order(found)
    bundle = None if has_errors(diagnostics) else Bundle(_digest(versions), versions, compile)
    return Loaded(bundle, diagnostics)


def _validate(policies: tuple[Policy, ...]) -> tuple[list[ValidatedPolicy], list[Diagnostic]]:
    checked = [validate(policy) for policy in policies]
    return [v for v, _ in checked if v is not None], [d for _, found in checked for d in found]


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
