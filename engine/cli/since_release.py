"""Name what was changed in a released version, from the text of its release in git."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from documents.diagnostics import Diagnostic, in_order
from documents.nodes import Mapping, Node
from documents.source import decode_source
from engine.bundle import Loaded, load_files, load_sources, policy_files
from engine.claims.revisions import Unreadable, git
from engine.policy.comparison import Change, compare
from engine.policy.digests import meaning_digest
from engine.policy.model import Policy
from engine.policy.released import LOCK, read_lock
from engine.policy.validated import ValidatedPolicy

CODE = "released-changed"
MOST = 5
_TEXTS = ("help ", "summary ", "owner ", "source ", "message ", "effective_from ")


def with_changes(loaded: Loaded, paths: Sequence[Path]) -> Loaded:
    """Replace each report that a released version was changed by what was changed, where that is known."""
    if not any(d.code == CODE for d in loaded.diagnostics):
        return loaded
    found = [d for d in loaded.diagnostics if d.code != CODE]
    for directory in (path for path in paths if path.is_dir()):
        found += _named(directory, [d for d in loaded.diagnostics if d.code == CODE])
    reported = {Path(d.file).parent for d in loaded.diagnostics if d.code == CODE}
    others = reported - {path for path in paths if path.is_dir()}
    found += [d for d in loaded.diagnostics if d.code == CODE and Path(d.file).parent in others]
    return Loaded(loaded.bundle, in_order(found))


def _named(directory: Path, problems: list[Diagnostic]) -> Iterator[Diagnostic]:
    bundle, lock = load_files(policy_files(directory)).bundle, read_lock(directory)[0]
    for problem in problems:
        if Path(problem.file).parent != directory:
            continue
        changed = [
            v
            for v in (bundle.validated() if bundle is not None else ())
            if v.policy.node.source.file == problem.file and _stands_in(v.policy, problem)
        ]
        meaning = None
        if changed:
            released = lock.versions.get((changed[0].policy.name, changed[0].policy.version))
            meaning = released.meaning if released is not None else None
        if not changed or meaning is None or meaning == meaning_digest(changed[0]):
            yield problem
            continue
        before = _text_of(directory, Path(problem.file).name, changed[0].policy, meaning)
        if before is None:
            message = (
                f"{problem.message}; git has no text of its release here, so what was changed is not known"
            )
            yield replace(problem, message=message)
        else:
            yield from _differences(before, changed[0], problem)


def _stands_in(policy: Policy, problem: Diagnostic) -> bool:
    lines = [policy.node.source.line_column(at)[0] for at in (policy.node.start, policy.node.end)]
    return lines[0] <= problem.line <= lines[1]


def _text_of(directory: Path, file: str, policy: Policy, meaning: str) -> ValidatedPolicy | None:
    """The version with this meaning, as committed last or when the lock got its line."""
    at = ("-C", str(directory))
    try:
        log = git(*at, "log", "--format=%H", f"-S{meaning}", "--", LOCK).decode()
    except Unreadable:
        return None
    for commit in ("HEAD", *reversed(log.split())):
        try:
            source, _ = decode_source(git(*at, "show", f"{commit}:./{file}"), file)
        except Unreadable:
            continue
        bundle = load_sources([source]).bundle if source is not None else None
        for version in bundle.validated() if bundle is not None else ():
            if version.policy.version == policy.version and meaning_digest(version) == meaning:
                return version
    return None


def _differences(before: ValidatedPolicy, now: ValidatedPolicy, problem: Diagnostic) -> Iterator[Diagnostic]:
    """A diagnostic for each part that differs, at its place. Texts are not part of the meaning."""
    changes = [change for change in compare(before, now) if change.kind != "changed" or _meant(change)]
    hint = problem.hint or ""
    if now.policy.revision:
        hint += "; a `revision` corrects only texts"
    for change in changes[:MOST]:
        node = _place(change, now.policy)
        message = f"{problem.message}: {change.sentence()}"
        if details := _meant(change):
            message = f"{problem.message}: {_what(change)} {'; '.join(details)}"
        yield node.source.diagnostic(node.start, CODE, message, hint, length=node.width)
    if not changes:
        yield problem


def _meant(change: Change) -> list[str]:
    return [detail for detail in change.details if not detail.startswith(_TEXTS)] or (
        [detail for detail in change.details if detail.startswith("message ")]
    )


def _what(change: Change) -> str:
    return f"in the {change.part} `{change.name}`," if change.name else f"in `{change.part}`,"


_SECTIONS = {
    "parameter": "parameters",
    "fact": "facts",
    "value": "values",
    "condition": "conditions",
    "output": "outputs",
}


def _place(change: Change, policy: Policy) -> Node:
    """Where a changed part stands: its entry, down to the key that differs."""
    name = change.new_name or change.name
    node: Node | None = policy.node
    if change.part in _SECTIONS and isinstance(node, Mapping):
        section = node.get(_SECTIONS[change.part])
        node = section.get(name) if isinstance(section, Mapping) else None
    elif change.part == "rule":
        node = next((rule.node for rule in policy.rules if rule.id == name), None)
    elif change.part == "otherwise":
        node = policy.otherwise.node
    label = re.match(r"\w+", change.details[0]) if change.details else None
    key = "rows" if label and label[0] == "row" else label[0] if label else ""
    inner = node.get(key) if isinstance(node, Mapping) else None
    if node is None or (node is policy.node and inner is None):
        return (policy.node.get("version") if isinstance(policy.node, Mapping) else None) or policy.node
    return inner or node
