"""Writes the files of a published bundle into folders, as `publish` reads them."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from documents.folders import is_yaml
from engine.bundle import CLAIMS, policy_files
from engine.policy.released import LOCK
from marketplace.publishing.files import CASES, Texts, check_names


class FolderNotEmpty(Exception):
    """The folder has files of a bundle already."""


def check_out(texts: Texts, policies: Path, cases: Path | None, *, replaces: bool) -> None:
    """Leaves out the cases unless a folder is given for them. Raises FolderNotEmpty, or OSError if a file cannot be written,
    before anything is replaced."""
    check_names(texts)
    written = {_place(name, policies, cases): text for name, text in texts.items()}
    new = {path: text for path, text in written.items() if path is not None}
    old = set(_files(policies, cases))
    if old and not replaces:
        raise FolderNotEmpty(f"`{min(old).parent}` has files of a bundle already")
    beside = {path: path.with_name(f".{path.name}.new") for path in new}
    try:
        for path, text in new.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(text.encode())
    except OSError:
        _delete(beside.values())
        raise
    for path in new:
        beside[path].replace(path)
    _delete(old - new.keys())


def _place(name: str, policies: Path, cases: Path | None) -> Path | None:
    inside = name.removeprefix(f"{CASES}/")
    if inside == name:
        return policies / name
    return None if cases is None else cases / inside


def _files(policies: Path, cases: Path | None) -> Iterable[Path]:
    yield from policy_files(policies)
    yield from (path for path in (policies / CLAIMS, policies / LOCK) if path.exists())
    if cases is not None:
        yield from (path for path in cases.rglob("*") if is_yaml(path))


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
