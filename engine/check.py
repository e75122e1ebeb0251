"""Everything that `comity check` reports: errors, lint findings, and problems in the folders beside the policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from documents.diagnostics import Diagnostic, has_errors, in_order
from documents.folders import (
    check_folders,
    installed_readers,
    is_unread,
    project_readers,
    unread_file,
    unread_files,
)
from engine.backends.backend import Backend
from engine.backends.python.compiler import compile_policy
from engine.bundle import CLAIMS, Bundle, Loaded, load_bundle, load_files, policy_files
from engine.claims import claim_words, extra, lint
from engine.claims.claim import Claim, read_claims
from engine.claims.proof import Proof, prove
from engine.lint import lint_versions
from engine.policy.released import check_released, read_lock


def check_paths(paths: Sequence[Path], *, compile: Backend = compile_policy) -> Loaded:
    """Load policy files and folders of policies, and collect every problem."""
    return _with_claims(_with_folders(_linted(_load(paths, compile), paths), paths), paths)


@dataclass(frozen=True, slots=True)
class Proved:
    """The claims beside the policies. Without the extra `proofs`, they are only read."""

    claims: tuple[Claim, ...] = ()
    proofs: tuple[Proof, ...] | None = None
    findings: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        broken = (d for proof in self.proofs or () if (d := claim_words.diagnostic(proof)) is not None)
        return (*broken, *self.findings)


def prove_claims(bundle: Bundle, paths: Sequence[Path]) -> Proved:
    """Prove the claims of all folders, and lint with proofs, if a solver is installed. Raises NotConfirmed."""
    claims = [claim for path in _claim_files(paths) for claim in read_claims(path, bundle.policies)[0]]
    if not extra.is_installed():
        return Proved(tuple(claims))
    proofs = [proof for claim in claims for proof in prove(claim, bundle.policies[claim.policy])]
    findings = (d for versions in bundle.policies.values() for d in lint.find(versions.newest))
    return Proved(tuple(claims), tuple(proofs), tuple(findings))


def _claim_files(paths: Sequence[Path]) -> list[Path]:
    return [path / CLAIMS for path in paths if (path / CLAIMS).is_file()]


def _with_claims(loaded: Loaded, paths: Sequence[Path]) -> Loaded:
    """Type-check the claims beside the policies."""
    if loaded.bundle is None:
        return loaded
    policies = loaded.bundle.policies
    problems = [problem for path in _claim_files(paths) for problem in read_claims(path, policies)[1]]
    found = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(found) else loaded.bundle, found)


def _load(paths: Sequence[Path], compile: Backend) -> Loaded:
    if len(paths) == 1 and not paths[0].is_file():
        return load_bundle(paths[0], compile=compile)
    files: list[Path] = []
    for path in paths:
        files += policy_files(path) if path.is_dir() else [path]
    return _with_locks(load_files(dict.fromkeys(files), compile=compile), paths)


def _with_locks(loaded: Loaded, paths: Sequence[Path]) -> Loaded:
    """Compare with the lock of each folder; if only files of it are given, with what the lock says about their policies."""
    problems: list[Diagnostic] = []
    for folder in dict.fromkeys(_folder_of(path) for path in paths):
        released, unreadable = read_lock(folder)
        problems += unreadable
        if loaded.bundle is not None:
            given = [v for v in loaded.bundle.validated() if Path(v.policy.node.source.file).parent == folder]
            if folder not in paths:
                released = released.about({v.policy.name for v in given})
            problems += check_released(released, given)
    diagnostics = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(diagnostics) else loaded.bundle, diagnostics)


def _folder_of(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _linted(loaded: Loaded, paths: Sequence[Path]) -> Loaded:
    """Run lint on the policies that load."""
    if loaded.bundle is None:
        return loaded
    locks = [read_lock(_folder_of(path))[0] for path in paths]
    keys = {key for lock in locks for key in lock.versions}
    released = {
        v.policy.digest for v in loaded.bundle.validated() if (v.policy.name, v.policy.version) in keys
    }
    policies = [[v.validated for v in versions.deciding] for versions in loaded.bundle.policies.values()]
    problems = [d for versions in policies for d in lint_versions(versions, released)]
    diagnostics = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(diagnostics) else loaded.bundle, diagnostics)


def _with_folders(loaded: Loaded, paths: Sequence[Path]) -> Loaded:
    """Check the folders beside the policies with their readers: installed ones, and those of the current project."""
    folders = [path for path in paths if path.is_dir()]
    files = [file for path in paths for file in (unread_files(path) if path.is_dir() else [path])]
    problems = [unread_file(file) for file in files if is_unread(file)]
    if folders:
        own, bad = project_readers(Path())
        readers = {**installed_readers(), **own}
        problems += [*bad, *(d for folder in folders for d in check_folders(folder, readers))]
    diagnostics = in_order([*loaded.diagnostics, *problems])
    return Loaded(None if has_errors(diagnostics) else loaded.bundle, diagnostics)
