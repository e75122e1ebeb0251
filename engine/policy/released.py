"""Released versions: `released.lock` beside the policies names each by its digest, and a released version never changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from documents.diagnostics import Diagnostic, Severity
from documents.source import Source, read_source
from engine.policy.model import Policy

LOCK = "released.lock"
_LINE = re.compile(r"([a-z][a-z0-9_]*) ([1-9][0-9]*) (sha256:[0-9a-f]{64})")
_HEADER = (
    "# Released versions of the policies, written by `comity release`. A released version never changes.\n"
)


@dataclass(frozen=True, slots=True)
class Released:
    """The digest of each released (policy, version), and the lines where the lock says so."""

    digests: Mapping[tuple[str, int], str]
    lines: Mapping[tuple[str, int], int]
    source: Source | None


def read_lock(directory: Path) -> tuple[Released, list[Diagnostic]]:
    """The lock of a folder of policies; without a lock nothing is released."""
    path = directory / LOCK
    if not path.exists():
        return Released({}, {}, None), []
    source, problems = read_source(path, str(path))
    if source is None:
        return Released({}, {}, None), problems
    digests: dict[tuple[str, int], str] = {}
    lines: dict[tuple[str, int], int] = {}
    for number, line in enumerate(source.text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match:
            digests[match[1], int(match[2])] = match[3]
            lines[match[1], int(match[2])] = number
        elif line.strip() and not line.startswith("#"):
            at = source.line_starts[number - 1]
            hint = "restore the file from version control"
            problems.append(
                source.diagnostic(at, "bad-lock", "this line does not name a version", hint, length=len(line))
            )
    return Released(digests, lines, source), problems


def check_released(
    released: Released, policies: Iterable[Policy], severity: Severity = "error"
) -> list[Diagnostic]:
    """A diagnostic for each released version that has changed or vanished."""
    present = {(p.name, p.version): p for p in policies}
    problems: list[Diagnostic] = []
    for key, digest in released.digests.items():
        name, version = key
        policy = present.get(key)
        if policy is None:
            problems.append(_vanished(released, key, severity))
        elif policy.digest != digest:
            message = f"version {version} of `{name}` is released and has been changed"
            hint = f"put it back, and write the change as version {version + 1} below it, with its own `effective_from`"
            node = policy.node.get("version") or policy.node  # type: ignore[attr-defined]
            problems.append(
                node.source.diagnostic(
                    node.start, "released-changed", message, hint, length=node.width, severity=severity
                )
            )
    return problems


def _vanished(released: Released, key: tuple[str, int], severity: Severity) -> Diagnostic:
    assert released.source is not None
    at = released.source.line_starts[released.lines[key] - 1]
    message = f"version {key[1]} of `{key[0]}` is released and has vanished"
    hint = "put it back; a policy is ended by a new version, never by deleting one"
    length = len(released.source.line_text(released.lines[key]))
    return released.source.diagnostic(
        at, "released-vanished", message, hint, length=length, severity=severity
    )


def write_lock(directory: Path, released: Released, policies: Iterable[Policy]) -> list[tuple[str, int]]:
    """Add versions to the lock, which is replaced as a whole; gives the versions that are new in it."""
    digests = dict(released.digests)
    new = [(p.name, p.version) for p in policies if (p.name, p.version) not in digests]
    digests.update({(p.name, p.version): p.digest for p in policies})
    lines = [f"{name} {version} {digests[name, version]}\n" for name, version in sorted(digests)]
    temporary = directory / f".{LOCK}.new"
    temporary.write_text(_HEADER + "".join(lines), encoding="utf-8")
    temporary.replace(directory / LOCK)
    return new
