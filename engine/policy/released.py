"""Released versions: `released.lock` next to the policies stores the digest of each, and a released version never changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from documents.diagnostics import Diagnostic, Severity
from documents.source import Source, read_source
from engine.policy.model import Policy

LOCK = "released.lock"
_LINE = re.compile(r"([a-z][a-z0-9_]*) ([1-9][0-9]*) (sha256:[0-9a-f]{64})(?: without cases: (\S.*))?")
_HEADER = (
    "# Released versions of the policies, written by `comity release`. A released version never changes.\n"
)


@dataclass(frozen=True, slots=True)
class Released:
    """The digest of each released (policy, version), its line in the lock, and the reasons for releases with too few cases."""

    digests: Mapping[tuple[str, int], str]
    lines: Mapping[tuple[str, int], int]
    source: Source | None
    without_cases: Mapping[tuple[str, int], str] = field(default_factory=dict)


def read_lock(directory: Path) -> tuple[Released, list[Diagnostic]]:
    """Read the lock of a policy folder. Without a lock, nothing is released."""
    path = directory / LOCK
    if not path.exists():
        return Released({}, {}, None), []
    source, problems = read_source(path, str(path))
    if source is None:
        return Released({}, {}, None), problems
    digests: dict[tuple[str, int], str] = {}
    lines: dict[tuple[str, int], int] = {}
    without_cases: dict[tuple[str, int], str] = {}
    for number, line in enumerate(source.text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match:
            digests[match[1], int(match[2])] = match[3]
            lines[match[1], int(match[2])] = number
            if match[4]:
                without_cases[match[1], int(match[2])] = match[4]
        elif line.strip() and not line.startswith("#"):
            at = source.line_starts[number - 1]
            hint = "restore the file from version control"
            problems.append(
                source.diagnostic(at, "bad-lock", "this line does not name a version", hint, length=len(line))
            )
    return Released(digests, lines, source, without_cases), problems


def check_released(
    released: Released, policies: Iterable[Policy], severity: Severity = "error"
) -> list[Diagnostic]:
    """A diagnostic for each released version that has changed or is missing."""
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


def write_lock(
    directory: Path,
    released: Released,
    policies: Iterable[Policy],
    without_cases: Mapping[tuple[str, int], str] = MappingProxyType({}),
) -> list[tuple[str, int]]:
    """Add versions to the lock, which is replaced atomically. Returns the added versions.

    `without_cases` is the reason for releasing versions that their cases do not cover.
    """
    digests = dict(released.digests)
    new = [(p.name, p.version) for p in policies if (p.name, p.version) not in digests]
    digests.update({(p.name, p.version): p.digest for p in policies})
    reasons = {**released.without_cases, **without_cases}
    lines = [_line(key, digests[key], reasons.get(key)) for key in sorted(digests)]
    temporary = directory / f".{LOCK}.new"
    try:
        temporary.write_text(_HEADER + "".join(lines), encoding="utf-8")
        temporary.replace(directory / LOCK)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    return new


def _line(key: tuple[str, int], digest: str, reason: str | None) -> str:
    name, version = key
    return f"{name} {version} {digest}{f' without cases: {reason}' if reason else ''}\n"
