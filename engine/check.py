"""Everything that `comity check` looks for: errors, what lint doubts, and problems in the folders beside the policies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from documents.diagnostics import has_errors, in_order
from documents.folders import check_folders, installed_readers, project_readers
from engine.backends.backend import Backend
from engine.backends.python.compiler import compile_policy
from engine.bundle import Loaded, load_bundle, load_files, policy_files
from engine.lint import lint


def check_paths(paths: Sequence[Path], *, compile: Backend = compile_policy) -> Loaded:
    """What policy files and folders of policies come to, with every problem that was found."""
    return _with_folders(_linted(_load(paths, compile)), paths)


def _load(paths: Sequence[Path], compile: Backend) -> Loaded:
    if len(paths) == 1 and not paths[0].is_file():
        return load_bundle(paths[0], compile=compile)
    files: list[Path] = []
    for path in paths:
        files += policy_files(path) if path.is_dir() else [path]
    return load_files(dict.fromkeys(files), compile=compile)


def _linted(loaded: Loaded) -> Loaded:
    """What loads is also read for what its owner cannot have meant."""
    if loaded.bundle is None:
        return loaded
    versions = [v for versions in loaded.bundle.policies.values() for v in versions.all]
    found = in_order([*loaded.diagnostics, *(d for v in versions for d in lint(v.validated))])
    return Loaded(None if has_errors(found) else loaded.bundle, found)


def _with_folders(loaded: Loaded, paths: Sequence[Path]) -> Loaded:
    """Check the folders beside the policies by their readers: installed ones, and those of the project that this runs in."""
    folders = [path for path in paths if path.is_dir()]
    if not folders:
        return loaded
    own, problems = project_readers(Path())
    readers = {**installed_readers(), **own}
    found = in_order(
        [*loaded.diagnostics, *problems, *(d for f in folders for d in check_folders(f, readers))]
    )
    return Loaded(None if has_errors(found) else loaded.bundle, found)
