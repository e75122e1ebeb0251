"""The cases, claims and lock that belong to the policies in force, from the published bundle or from the folders."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from decisions import bundles, conf
from engine.bundle import CLAIMS
from engine.cases.case import Case
from engine.cases.reader import case_files, read_cases
from engine.claims.claim import Claim, read_claims
from engine.compiled import CompiledPolicy
from engine.policy.released import LOCK, Released, read_lock
from marketplace.publishing.files import CASES, FOLDER, unpacked
from marketplace.publishing.models import Publication
from marketplace.publishing.source import publication_in_force
from marketplace.publishing.standing import texts_of

Stamp = tuple[object, ...]
"""Differs when a file differs."""


@dataclass(frozen=True, slots=True)
class Material:
    """Files with problems have what is sound; `comity test` and `comity check` report the problems."""

    stamp: Stamp
    cases: tuple[Case, ...]
    claims: tuple[Claim, ...]
    released: Released

    def claims_of(self, version: CompiledPolicy) -> list[Claim]:
        about = (claim for claim in self.claims if claim.policy == version.name)
        return [claim for claim in about if claim.since <= version.version]


def material() -> Material:
    """Of the bundle in force."""
    digest = bundles.current().digest
    number = publication_in_force()
    if number is not None:
        return _published(number, digest)
    policies, cases = conf.policies_dir(), settings.COMITY_CASES_DIR
    files = [*(case_files([cases]) if cases.is_dir() else []), policies / CLAIMS, policies / LOCK]
    return _read(policies, cases, digest, tuple(_state(path) for path in files))


def _state(path: Path) -> tuple[str, int, int]:
    if not path.exists():
        return str(path), 0, 0
    stat = path.stat()
    return str(path), stat.st_mtime_ns, stat.st_size


@lru_cache(2)
def _published(number: int, digest: str) -> Material:
    with unpacked(texts_of(Publication.objects.get(pk=number))) as folder:
        return _of(folder / FOLDER, folder / CASES, ("published", number))


@lru_cache(2)
def _read(policies: Path, cases: Path, digest: str, stamp: Stamp) -> Material:
    return _of(policies, cases, stamp)


def _of(policies: Path, cases: Path, stamp: Stamp) -> Material:
    known = bundles.current().policies
    claims = read_claims(policies / CLAIMS, known)[0] if (policies / CLAIMS).exists() else []
    files = case_files([cases]) if cases.is_dir() else []
    return Material(
        stamp=stamp,
        cases=tuple(case for path in files for case in read_cases(path)[0]),
        claims=tuple(claims),
        released=read_lock(policies)[0],
    )
