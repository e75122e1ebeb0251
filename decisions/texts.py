"""Stores the text of every bundle that decides on record, once, so that its decisions can be made again."""

import hashlib
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePath
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connection

from decisions import bundles, conf
from decisions.models import PolicyBundle, PolicyDocument
from documents.source import Source
from engine import Bundle, load_sources
from engine.version import VERSION

GIT: Final = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
GIT_SECONDS: Final = 5

_kept: Final[set[str]] = set()
"""The digests that this process knows to be committed."""


class TextUnavailable(Exception):
    """The text of a bundle is not stored, or no longer gives the same bundle."""


def keep_text(bundle: Bundle) -> None:
    """Costs nothing once the bundle is known to this process or stored by this transaction."""
    if bundle.digest in _kept or _stored_here(bundle.digest):
        return
    if not PolicyBundle.objects.filter(digest=bundle.digest, engine=VERSION).exists():
        _store(bundle)
    connection.on_commit(_Remember(bundle.digest))


def forget_texts() -> None:
    """For a database that was emptied while the process runs."""
    _kept.clear()


@dataclass(frozen=True, slots=True)
class _Remember:
    digest: str

    def __call__(self) -> None:
        _kept.add(self.digest)


def _stored_here(digest: str) -> bool:
    """Whether this transaction stored it. Django drops the callback if it is rolled back, also to a savepoint."""
    return any(entry[1] == _Remember(digest) for entry in connection.run_on_commit)


def _store(bundle: Bundle) -> None:
    """Two processes may do this at once: the rows of the first one stay."""
    texts = texts_of(bundle)
    if not bundle.digest.startswith("sha256:"):
        raise ValueError(f"the bundle `{bundle.digest}` has no text, so it cannot decide on record")
    sums = {name: _sum(text) for name, text in sorted(texts.items())}
    documents = [PolicyDocument(sha256=sums[name], text=texts[name]) for name in sums]
    # In one order everywhere, or two processes could wait for each other.
    documents.sort(key=lambda document: document.sha256)
    PolicyDocument.objects.bulk_create(documents, ignore_conflicts=True)
    stored = PolicyBundle(
        digest=bundle.digest,
        engine=VERSION,
        revision=_revision(conf.policies_dir()),
        documents=sums,
        stored_at=datetime.now(UTC),
    )
    PolicyBundle.objects.bulk_create([stored], ignore_conflicts=True)


def texts_of(bundle: Bundle) -> dict[str, str]:
    """The text of each file by its name."""
    sources = (versions.all[0].validated.policy.node.source for versions in bundle.policies.values())
    return {PurePath(source.file).name: source.text for source in sources}


def load_text(digest: str, *, using: str = DEFAULT_DB_ALIAS) -> Bundle:
    """The bundle of a digest, from its stored text. Raises TextUnavailable."""
    stored = PolicyBundle.objects.using(using).filter(digest=digest).order_by("pk").first()
    if stored is None:
        raise TextUnavailable("the text of its policies is not stored")
    sums: dict[str, str] = stored.documents
    rows = PolicyDocument.objects.using(using).filter(sha256__in=sums.values())
    texts = dict(rows.values_list("sha256", "text"))
    changed = [name for name, sum_ in sums.items() if sum_ not in texts or _sum(texts[sum_]) != sum_]
    if changed:
        raise TextUnavailable(f"the stored text of `{changed[0]}` is missing or has been altered")
    with suppress(bundles.BundleUnavailable):
        if (current := bundles.current()).digest == digest:
            return current  # the same text, loaded by the same engine
    sources = [Source(name, texts[sum_]) for name, sum_ in sums.items()]
    loaded = load_sources(sources, compile=conf.engine())
    if loaded.bundle is None:
        first = next(problem for problem in loaded.diagnostics if problem.severity == "error")
        raise TextUnavailable(
            f"this engine no longer loads its policies: {first.file}:{first.line}: {first.message}"
        )
    if loaded.bundle.digest != digest:
        raise TextUnavailable("this engine gives the stored text another digest")
    return loaded.bundle


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _revision(folder: Path) -> str:
    """Empty if the folder is not in a git repository, or git is not installed."""
    try:
        described = subprocess.run(
            GIT, cwd=folder, capture_output=True, text=True, timeout=GIT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return described.stdout.strip()[:80]
