"""What a bundle has to pass before it is published: it loads, its lint has no errors, its cases pass, no claim is broken."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from decisions import bundles, conf
from documents.diagnostics import Diagnostic, has_errors, in_order
from engine import Bundle
from engine.cases.case import Case
from engine.cases.reader import case_files, read_cases
from engine.cases.run import CaseResult, Settled, run_case
from engine.cases.why import as_diagnostics
from engine.check import Proved, check_paths, prove_claims
from engine.claims import claim_words
from marketplace.publishing.files import CASES, FOLDER, BundleRefused, Texts, check_names, unpacked
from marketplace.publishing.policy import POLICY

KEPT: Final = 4
CHECKING: Final = threading.Lock()


class ChecksBusy(Exception):
    """This process is checking another bundle."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`proved` has no proofs if the extra `proofs` is not installed."""

    bundle: Bundle
    warnings: tuple[Diagnostic, ...]
    cases: tuple[CaseResult, ...]
    proved: Proved


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """For requests: a check takes seconds of computing, so a server process makes one at a time, and keeps its other threads for
    other requests. Raises ChecksBusy."""
    if not CHECKING.acquire(blocking=False):
        raise ChecksBusy
    try:
        yield
    finally:
        CHECKING.release()


def check_bundle(texts: Texts) -> Checked:
    """Raises BundleRefused with every problem."""
    return _check_once(tuple(sorted(texts.items())))


@lru_cache(KEPT)
def _check_once(files: tuple[tuple[str, str], ...]) -> Checked:
    """A report follows a publication, so the same bundle is often checked twice."""
    texts = dict(files)
    check_names(texts)
    with unpacked(texts) as folder:
        return _check(folder)


def _check(folder: Path) -> Checked:
    policies = folder / FOLDER
    loaded = bundles.usable(check_paths([policies], compile=conf.engine()), FOLDER)
    if loaded.bundle is None:
        raise _refused(folder, loaded.diagnostics)
    if POLICY not in loaded.bundle.policies:
        message = f"the policy `{POLICY}` is missing"
        hint = "restore it: without it, nobody could approve or activate another bundle"
        raise BundleRefused((Diagnostic(FOLDER, 1, 1, "missing-policy", message, hint),))
    results, problems = _run_cases(loaded.bundle, folder / CASES)
    problems += [d for result in results if result.failed for d in as_diagnostics(result)]
    proved = prove_claims(loaded.bundle, [policies])
    for proof in proved.proofs or ():
        if proof.status in ("broken", "vacuous") and (broken := claim_words.diagnostic(proof)):
            problems.append(broken)
    if has_errors(problems):
        raise _refused(folder, problems)
    warnings = tuple(_named(folder, d) for d in (*loaded.diagnostics, *proved.findings))
    return Checked(loaded.bundle, in_order(warnings), tuple(results), proved)


def _run_cases(bundle: Bundle, folder: Path) -> tuple[list[CaseResult], list[Diagnostic]]:
    cases: list[Case] = []
    problems: list[Diagnostic] = []
    for file in case_files([folder]) if folder.is_dir() else ():
        read, found = read_cases(file)
        cases += read
        problems += found
    settled: Settled = {}
    return [run_case(bundle, case, settled) for case in cases], problems


def _refused(folder: Path, problems: Iterable[Diagnostic]) -> BundleRefused:
    errors = [_named(folder, problem) for problem in problems if problem.severity == "error"]
    return BundleRefused(tuple(in_order(errors)))


def _named(folder: Path, problem: Diagnostic) -> Diagnostic:
    """Without the path of the temporary folder."""
    return replace(problem, file=problem.file.removeprefix(f"{folder}/"))
