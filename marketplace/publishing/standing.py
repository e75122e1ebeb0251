"""The bundle in force before a change: the published one, or the folder until the first bundle is activated."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError

from decisions import bundles, conf
from decisions.texts import TextUnavailable
from documents.source import Source
from engine import Bundle, Loaded, load_sources
from marketplace.publishing.files import FOLDER, Texts, load_texts, policies_in, read_folder
from marketplace.publishing.models import Publication, Report
from marketplace.publishing.queries import active, current_report

log = structlog.get_logger(__name__)

KEPT = 4
"""Bundles that a process keeps loaded."""


@dataclass(frozen=True, slots=True)
class Base:
    """`publication` is None while the folder is what everything is compared with."""

    publication: Publication | None
    bundle: Bundle

    @property
    def number(self) -> int | None:
        return self.publication.pk if self.publication else None


@dataclass(frozen=True, slots=True)
class Standing(Base):
    texts: Texts


def find_base() -> Base:
    """Raises TextUnavailable if the stored bundle no longer loads, and BundleUnavailable if the folder does not."""
    activation = active()
    if activation is None:
        return Base(None, bundles.directory_at(conf.policies_dir()).bundle())
    return Base(activation.publication, bundle_of(activation.publication))


def standing() -> Standing:
    """Raises as `find_base` does."""
    base = find_base()
    if base.publication is None:
        return Standing(None, base.bundle, read_folder(conf.policies_dir(), None))
    return Standing(base.publication, base.bundle, texts_of(base.publication))


def folder_texts() -> dict[str, str]:
    """The policy folder with its cases. Raises BundleRefused."""
    cases: Path = settings.COMITY_CASES_DIR
    return read_folder(conf.policies_dir(), cases if cases.is_dir() else None)


def report_in_force(publication: Publication) -> Report | None:
    """The newest report that compares with the bundle in force. Raises BundleUnavailable."""
    activation = active()
    if activation is None:
        digest = bundles.directory_at(conf.policies_dir()).bundle().digest
        return current_report(publication, base=None, base_digest=digest)
    base = activation.publication
    return current_report(publication, base=base, base_digest=base.digest)


def texts_of(publication: Publication) -> Texts:
    """Raises TextUnavailable."""
    try:
        return load_texts(publication.files)
    except LookupError as error:
        raise TextUnavailable(f"bundle {publication.pk} cannot be read: {error}") from None


def load_publication(publication: Publication) -> Loaded:
    """Raises TextUnavailable."""
    texts = policies_in(texts_of(publication))
    sources = [Source(f"{FOLDER}/{name}", text) for name, text in sorted(texts.items())]
    loaded = load_sources(sources, compile=conf.engine())
    if loaded.bundle is not None and loaded.bundle.digest != publication.digest:
        raise TextUnavailable(f"this engine gives bundle {publication.pk} another digest")
    return loaded


def bundle_of(publication: Publication) -> Bundle:
    """Raises TextUnavailable."""
    return _bundle(publication.pk, publication.digest)


def check_usable(publication: Publication) -> None:
    """Raises TextUnavailable if servers could not decide with the bundle."""
    loaded = bundles.usable(Loaded(bundle_of(publication), ()), FOLDER)
    if loaded.bundle is None:
        raise TextUnavailable(f"bundle {publication.pk} cannot be used: {_first_error(loaded)}")


def _first_error(loaded: Loaded) -> str:
    first = next(problem for problem in loaded.diagnostics if problem.severity == "error")
    return f"{first.file}:{first.line}: {first.message}"


@lru_cache(KEPT)
def _bundle(number: int, digest: str) -> Bundle:
    """A digest never stands for other decisions, so its bundle stays loaded."""
    publication = Publication.objects.get(pk=number, digest=digest)
    try:
        loaded = load_publication(publication)
    except (TextUnavailable, DatabaseError):
        raise
    except Exception as error:  # or a fault of the engine would be one of each request
        log.exception("bundle_unreadable")
        raise TextUnavailable(f"bundle {number} cannot be loaded: {type(error).__name__}") from None
    if loaded.bundle is None:
        raise TextUnavailable(f"bundle {number} no longer loads: {_first_error(loaded)}")
    return loaded.bundle
