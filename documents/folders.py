"""Folders next to the policies, such as `lexicon`. Each is checked by the reader that is declared for its name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from documents.diagnostics import Diagnostic, in_order

GROUP = "comity.folders"
"""The entry point group for readers of a distribution: `lexicon = "package.module:function"`."""
Check = Callable[[Path], tuple[Diagnostic, ...]]
"""Returns what is wrong with the files of a folder."""


def installed_readers() -> Mapping[str, Check]:
    """The readers of installed distributions."""
    from importlib.metadata import entry_points  # takes as long to import as a small policy to load

    return {point.name: point.load() for point in entry_points(group=GROUP)}


def project_readers(folder: Path) -> tuple[Mapping[str, Check], tuple[Diagnostic, ...]]:
    """The readers in `[tool.comity.folders]` of a folder's pyproject.toml, for projects that are not distributions.

    The folder is added to the import path, since a reader may be one of its modules. A reader that cannot be imported is a
    problem.
    """
    import tomllib
    from importlib.metadata import EntryPoint

    path = folder / "pyproject.toml"
    try:
        declared = _table(tomllib.loads(path.read_text(encoding="utf-8")), "tool", "comity", "folders")
    except FileNotFoundError:
        return {}, ()
    except (OSError, ValueError) as error:
        return {}, (_bad_project(path, f"pyproject.toml cannot be read: {error}"),)
    if declared and str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))
    readers: dict[str, Check] = {}
    problems: list[Diagnostic] = []
    for name, value in declared.items():
        try:
            readers[name] = EntryPoint(name, value, GROUP).load()
        except (ImportError, AttributeError, TypeError, ValueError):
            problems.append(
                _bad_project(path, f"the reader `{value}` of the folder `{name}` cannot be imported")
            )
    return readers, tuple(problems)


def _table(document: Mapping[str, object], *names: str) -> Mapping[str, str]:
    """The table at these keys; empty if absent."""
    table: object = document
    for name in names:
        table = table.get(name, {}) if isinstance(table, Mapping) else {}
    return table if isinstance(table, Mapping) else {}


def _bad_project(path: Path, message: str) -> Diagnostic:
    hint = 'readers are named as `folder = "package.module:function"` in `[tool.comity.folders]`'
    return Diagnostic(str(path), 1, 1, "bad-reader", message, hint)


def is_yaml(path: Path) -> bool:
    """Whether a file looks like YAML, by any extension; only `.yaml` is read."""
    return path.suffix.lower() in (".yaml", ".yml") and not path.name.startswith(".")


def is_unread(path: Path) -> bool:
    return is_yaml(path) and path.suffix != ".yaml"


def unread_files(folder: Path) -> Iterator[Path]:
    """Files that look like policies but are not read."""
    yield from filter(is_unread, sorted(folder.glob("*")))


def unread_file(path: Path) -> Diagnostic:
    hint = f"rename it to `{path.with_suffix('.yaml').name}`"
    message = f"only files that end in `.yaml` are read, and this one ends in `{path.suffix}`"
    return Diagnostic(str(path), 1, 1, "unread-file", message, hint)


def folders_in(policies: Path) -> Iterator[Path]:
    """The folders next to the policies, without hidden ones."""
    yield from sorted(path for path in policies.iterdir() if path.is_dir() and not path.name.startswith("."))


def check_folders(policies: Path, readers: Mapping[str, Check]) -> tuple[Diagnostic, ...]:
    """The problems in the folders next to the policies, including folders without a reader."""
    diagnostics: list[Diagnostic] = []
    for folder in folders_in(policies):
        reader = readers.get(folder.name)
        diagnostics += [unread(folder, readers)] if reader is None else reader(folder)
        diagnostics += map(unread_file, unread_files(folder)) if reader is not None else ()
    return in_order(diagnostics)


def unread(folder: Path, readers: Mapping[str, Check]) -> Diagnostic:
    """An error if the folder contains YAML, which somebody may take for policies in force."""
    if any(map(is_yaml, folder.rglob("*"))):
        message = "nothing in this folder is read: policies belong in the folder itself, not below it"
        hint = f"move the files to `{folder.parent}`, or out of it"
        return Diagnostic(str(folder), 1, 1, "unread-folder", message, hint)
    known = ", ".join(f"`{name}`" for name in sorted(readers)) or "nothing"
    message = "no reader is installed for this folder, so nothing in it was checked"
    return Diagnostic(
        str(folder), 1, 1, "unread-folder", message, f"readers are installed for {known}", "warning"
    )
