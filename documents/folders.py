"""Folders beside the policies, such as `lexicon`: each is read by whoever declares a reader for a folder of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from documents.diagnostics import Diagnostic, in_order

GROUP = "comity.folders"
"""The group of entry points in which a distribution names its readers: `lexicon = "package.module:function"`."""
Check = Callable[[Path], tuple[Diagnostic, ...]]
"""What is wrong with the files of a folder."""


def installed_readers() -> Mapping[str, Check]:
    return {point.name: point.load() for point in entry_points(group=GROUP)}


def folders_in(policies: Path) -> Iterator[Path]:
    """The folders beside the policies; hidden ones hold nothing of theirs."""
    yield from sorted(path for path in policies.iterdir() if path.is_dir() and not path.name.startswith("."))


def check_folders(policies: Path, readers: Mapping[str, Check]) -> tuple[Diagnostic, ...]:
    """What is wrong in the folders beside the policies; a folder that nobody reads is named."""
    found: list[Diagnostic] = []
    for folder in folders_in(policies):
        reader = readers.get(folder.name)
        found += [unread(folder, readers)] if reader is None else reader(folder)
    return in_order(found)


def unread(folder: Path, readers: Mapping[str, Check]) -> Diagnostic:
    known = ", ".join(f"`{name}`" for name in sorted(readers)) or "nothing"
    message = "no reader is installed for this folder, so nothing in it was checked"
    return Diagnostic(
        str(folder), 1, 1, "unread-folder", message, f"readers are installed for {known}", "warning"
    )
