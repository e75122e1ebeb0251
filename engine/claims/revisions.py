"""Read the two sides of a comparison: files, folders, a revision of git, or versions of a policy."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from documents.diagnostics import Diagnostic, has_errors
from documents.source import Source, decode_source
from engine.bundle import Loaded, Versions, load_files, load_sources, policy_files

_VERSIONS = re.compile(r"([a-z][a-z0-9_]*)@([0-9]+)(?:\.\.([0-9]+))?")
_GIT = "git:"


class Unreadable(Exception):
    """A side that cannot be read: the message for people, and the problems of its policies."""

    def __init__(self, message: str, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics


@dataclass(frozen=True, slots=True)
class Named:
    """A version of a policy, as `retention@2` names it; `until` is the second number of `retention@1..2`."""

    policy: str
    version: int
    until: int | None


def named_version(text: str) -> Named | None:
    match = _VERSIONS.fullmatch(text)
    return None if match is None else Named(match[1], int(match[2]), int(match[3]) if match[3] else None)


def read_policies(side: str, folder: Path) -> dict[str, Versions]:
    """The policies of a side. `folder` is where a revision of git has its policies. Raises Unreadable."""
    if side.startswith(_GIT):
        loaded = _revision(side.removeprefix(_GIT), folder)
    else:
        path = Path(side)
        if not path.exists():
            raise Unreadable(f"there is no `{side}`")
        loaded = load_files(policy_files(path) if path.is_dir() else [path])
    if loaded.bundle is None:
        raise Unreadable(f"`{side}` does not load", loaded.diagnostics)
    if not loaded.bundle.policies:
        raise Unreadable(f"`{side}` holds no policy")
    return dict(loaded.bundle.policies)


def _revision(revision: str, folder: Path) -> Loaded:
    name, _, given = revision.partition(":")
    place = given or folder.as_posix()
    if not name or name.startswith("-"):
        raise Unreadable(f"`git:{revision}` names no revision, such as `git:HEAD~1`")
    single = place.endswith(".yaml")
    listed = [place] if single else _git("ls-tree", "--name-only", "-z", name, "--", f"{place}/").split("\0")
    files = [f for f in listed if f.endswith(".yaml") and not PurePosixPath(f).name.startswith(".")]
    sources: list[Source] = []
    problems: list[Diagnostic] = []
    for file in sorted(files):
        source, new = decode_source(git("show", f"{name}:./{file}"), f"{name}:{file}")
        problems += new
        sources += [source] if source is not None and not has_errors(new) else []
    return load_sources(sources, problems)


def _git(*arguments: str) -> str:
    return git(*arguments).decode("utf-8", "replace")


def git(*arguments: str) -> bytes:
    """What git prints. Raises Unreadable."""
    try:
        run = subprocess.run(["git", *arguments], capture_output=True, check=False, timeout=60)
    except FileNotFoundError:
        raise Unreadable("git is not installed") from None
    if run.returncode:
        told = run.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unreadable(f"git: {(told or ['unknown error'])[0].removeprefix('fatal: ')}")
    return run.stdout
