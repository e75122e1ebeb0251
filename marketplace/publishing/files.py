"""The files of a bundle: policies, claims and lock beside each other, and its cases in a folder of their own."""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from decisions.models import PolicyDocument
from documents.diagnostics import Diagnostic
from documents.folders import is_yaml, unread_file, unread_files
from documents.source import read_bytes
from engine.bundle import CLAIMS, policy_files
from engine.policy.released import LOCK

CASES: Final = "cases"
FOLDER: Final = "policies"
"""What the folder of a bundle is called in diagnostics."""
NAME: Final = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_-]*\.yaml|released\.lock|cases/([A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.yaml"
)

Texts = Mapping[str, str]
"""The text of each file by its path."""


class BundleRefused(Exception):
    """The bundle has errors, so nothing was stored."""

    def __init__(self, problems: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"the bundle has {len(problems)} errors")
        self.problems = problems


def read_folder(policies: Path, cases: Path | None) -> dict[str, str]:
    """The files to publish. Raises BundleRefused for a file that cannot be read."""
    if not policies.is_dir():
        raise BundleRefused((_problem(str(policies), "no-policies", "there is no such folder of policies"),))
    if cases is not None and not cases.is_dir():
        raise BundleRefused((_problem(str(cases), "no-cases", "there is no such folder of cases"),))
    beside = [path for path in (policies / CLAIMS, policies / LOCK) if path.exists()]
    paths = {path.name: path for path in [*policy_files(policies), *beside]}
    if cases is not None:
        found = (path for path in sorted(cases.rglob("*")) if is_yaml(path))
        paths |= {f"{CASES}/{path.relative_to(cases).as_posix()}": path for path in found}
    problems = [unread_file(path) for path in unread_files(policies)]
    texts: dict[str, str] = {}
    for name, path in paths.items():
        data, unreadable = read_bytes(path, str(path))
        problems += unreadable
        if data is not None:
            try:
                texts[name] = data.decode("utf-8")
            except UnicodeDecodeError:
                problems.append(_problem(str(path), "not-utf-8", "the file is not UTF-8 text"))
    if problems:
        raise BundleRefused(tuple(problems))
    return texts


def check_names(texts: Texts) -> None:
    """Raises BundleRefused for a name that is no file of a bundle, such as one that leads elsewhere."""
    bad = [name for name in texts if not NAME.fullmatch(name)]
    if bad:
        message = "this is no file of a bundle"
        hint = "name policies like `chat.yaml`, cases like `cases/chat.yaml`; `claims.yaml` and `released.lock` are allowed"
        raise BundleRefused(tuple(_problem(name, "bad-file-name", message, hint) for name in bad))


@contextmanager
def unpacked(texts: Texts) -> Iterator[Path]:
    """A temporary folder that holds the folders `policies` and `cases`."""
    with tempfile.TemporaryDirectory(prefix="comity-bundle-") as temporary:
        folder = Path(temporary)
        (folder / FOLDER).mkdir()
        for name, text in texts.items():
            path = folder / (name if name.startswith(f"{CASES}/") else f"{FOLDER}/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        yield folder


def policies_in(texts: Texts) -> dict[str, str]:
    return {name: text for name, text in texts.items() if "/" not in name and name not in (CLAIMS, LOCK)}


def store_texts(texts: Texts) -> dict[str, str]:
    """Stores each text once, and returns the SHA-256 of each file."""
    sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(texts.items())}
    documents = {sums[name]: PolicyDocument(sha256=sums[name], text=text) for name, text in texts.items()}
    # In one order everywhere, or two processes could wait for each other.
    PolicyDocument.objects.bulk_create([documents[sum_] for sum_ in sorted(documents)], ignore_conflicts=True)
    return sums


def load_texts(sums: Mapping[str, str]) -> dict[str, str]:
    """Raises LookupError if a text is missing or altered."""
    rows = dict(PolicyDocument.objects.filter(sha256__in=sums.values()).values_list("sha256", "text"))
    for name, sum_ in sums.items():
        if sum_ not in rows or hashlib.sha256(rows[sum_].encode()).hexdigest() != sum_:
            raise LookupError(f"the stored text of `{name}` is missing or has been altered")
    return {name: rows[sum_] for name, sum_ in sums.items()}


def _problem(file: str, code: str, message: str, hint: str | None = None) -> Diagnostic:
    return Diagnostic(file, 1, 1, code, message, hint)
