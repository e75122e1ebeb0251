"""The bundle in force: the last one that loaded without errors, pinned during a request."""

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from decisions import conf, metrics
from decisions.logs import get_logger
from decisions.needs import carried_out, find_missing
from decisions.signature import read_signature
from decisions.status import Status
from documents.diagnostics import Severity, has_errors
from engine import Bundle, Diagnostic, Loaded, load_bundle
from engine.bundle import Kept
from engine.policy.obligations import not_carried_out

log = get_logger(__name__)


class BundleUnavailable(Exception):
    """No policies have loaded since this process started, so nothing can be decided."""


class PolicySource(ABC):
    """Where policies come from, and the last good bundle made from them. Readers never wait for a load."""

    poll_seconds: float
    """How often the server asks for the signature."""

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._held: tuple[Bundle | None, Status] = (None, Status())

    @abstractmethod
    def signature(self) -> Hashable:
        """Changes when there is something to load."""

    @abstractmethod
    def read(self) -> Loaded:
        """Load what is in force now. Raises nothing."""

    def looked(self) -> None:  # noqa: B027 - an optional hook
        """Called after each look at the signature."""

    def __str__(self) -> str:
        return "the policies"

    def status(self) -> Status:
        return self._held[1]

    def bundle(self) -> Bundle:
        self.ensure_loaded()
        bundle, status = self._held
        if bundle is None:
            places = ", ".join(f"{problem.file}:{problem.line}" for problem in status.problems[:3])
            raise BundleUnavailable(f"No policies are in force: see {places or self}.")
        return bundle

    def reload(self) -> Status:
        """Load, validate, compile, swap. If anything fails, the bundle in force stays."""
        with self._loading:
            before, after = self.status(), self._load()
        _log_reload(before=before, after=after)
        return after

    def ensure_loaded(self) -> Status:
        """Loads on first use, without logging: a command's output is not the place."""
        if self.status().checked_at is None:
            with self._loading:
                if self.status().checked_at is None:
                    self._load()
        return self.status()

    def _load(self) -> Status:
        loaded = self.read()
        held, status = self._held
        now = datetime.now(UTC)
        if loaded.bundle is None:
            problems = tuple(problem for problem in loaded.diagnostics if problem.severity == "error")
            self._held = held, replace(status, checked_at=now, problems=problems)
        else:
            self._held = loaded.bundle, Status(loaded.bundle.digest, now, now, warnings=loaded.diagnostics)
        metrics.observe_reload(self._held[1])
        return self._held[1]


class PolicyDirectory(PolicySource):
    """The policies of a folder."""

    poll_seconds = 0.5

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._kept = Kept()

    def __str__(self) -> str:
        return str(self.path)

    def signature(self) -> Hashable:
        return read_signature(self.path)

    def read(self) -> Loaded:
        return _read(self.path, self._kept)


def _read(path: Path, kept: Kept) -> Loaded:
    compile = conf.engine()
    try:
        loaded = load_bundle(path, released=_released_changed(), compile=compile, kept=kept)
    except Exception as error:  # any error keeps the last good bundle
        log.exception("policies_unreadable", directory=str(path))
        return Loaded(None, (_unreadable(path, error),))
    shown = tuple(replace(problem, file=_shown(problem.file, path)) for problem in loaded.diagnostics)
    return usable(Loaded(loaded.bundle, shown), path.name, lambda file: _shown(file, path))


def usable(loaded: Loaded, place: str, shown: Callable[[str], str] = str) -> Loaded:
    """Without the bundle if this installation cannot use it: a policy is missing, no app carries out an obligation, or a list
    cannot follow a rule."""
    if loaded.bundle is None:
        return loaded
    unusable = (*_not_carried_out(loaded.bundle), *_not_listable(loaded.bundle))
    undone = (replace(problem, file=shown(problem.file)) for problem in unusable)
    diagnostics = (*loaded.diagnostics, *undone, *find_missing(loaded.bundle, place))
    return Loaded(None if has_errors(diagnostics) else loaded.bundle, diagnostics)


def _not_carried_out(bundle: Bundle) -> Iterator[Diagnostic]:
    known = carried_out()
    for versions in bundle.policies.values():
        for version in versions.all:
            yield from not_carried_out(version.validated.policy, known)


def _not_listable(bundle: Bundle) -> Iterator[Diagnostic]:
    from decisions.lists import not_listable  # which needs this module

    return not_listable(bundle)


def _released_changed() -> Severity:
    """In development an edited policy just works; in production a released version must not change."""
    return "warning" if settings.DEBUG else "error"


def _shown(file: str, path: Path) -> str:
    """`policies/chat.yaml`: does not reveal the absolute path."""
    return os.path.relpath(file, path.parent)


def _unreadable(path: Path, error: Exception) -> Diagnostic:
    return Diagnostic(
        file=path.name,
        line=1,
        column=1,
        code="unreadable",
        message=f"the policies cannot be read: {type(error).__name__}",
        hint="the log has the traceback",
    )


def _log_reload(*, before: Status, after: Status) -> None:
    if after.problems:
        log.error(
            "policies_broken",
            in_force=after.digest,
            problems=_in_lines(after.problems),
        )
        return
    log.info("policies_reloaded", digest=after.digest, before=before.digest)
    if after.warnings:
        log.warning("policies_doubtful", in_force=after.digest, warnings=_in_lines(after.warnings))


def _in_lines(diagnostics: tuple[Diagnostic, ...]) -> list[str]:
    return [f"{d.file}:{d.line}:{d.column}: {d.code}: {d.message}" for d in diagnostics]


@cache
def directory_at(path: Path) -> PolicyDirectory:
    return PolicyDirectory(path)


@cache
def source_of(path: str) -> PolicySource:
    """The one instance of a class, which is named by its path."""
    source: PolicySource = import_string(path)()
    return source


def configured() -> PolicySource:
    source = conf.policy_source()
    return source_of(source) if source else directory_at(conf.policies_dir())


def in_force() -> Bundle:
    return configured().bundle()


def reload() -> Status:
    return configured().reload()


def status() -> Status:
    return configured().status()


_pinned: ContextVar[Bundle | None] = ContextVar("pinned_bundle", default=None)


@contextmanager
def pinned(bundle: Bundle) -> Iterator[None]:
    """All decisions inside use this bundle, even if another one is loaded meanwhile."""
    token = _pinned.set(bundle)
    try:
        yield
    finally:
        _pinned.reset(token)


def current() -> Bundle:
    return _pinned.get() or in_force()
