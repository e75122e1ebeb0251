"""A folder of two policies, and people: Ann and Bob own policies, Bob and Carl approve, Eve may do neither."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from console import material
from decisions import bundles
from documents.diagnostics import Diagnostic
from engine.bundle import File
from engine.claims import extra, lint
from engine.claims.difference import Difference
from engine.compiled import CompiledPolicy
from marketplace.accounts.models import Role, User
from marketplace.publishing import checking, reporting, standing
from marketplace.publishing.models import Publication
from marketplace.publishing.people import approvers
from marketplace.publishing.standing import Standing
from tests.marketplace.factories import make_user
from tests.marketplace.publishing.bundle import Bundles, write_folder


@pytest.fixture(scope="session", autouse=True)
def remembered() -> Iterator[None]:
    """The tests publish the same few bundles again and again: each is compiled, checked and compared once."""
    differ = reporting._difference
    known: dict[tuple[str, str, bool], Difference | None] = {}

    def differ_once(base: Standing, checked: checking.Checked) -> Difference | None:
        key = (base.bundle.digest, checked.bundle.digest, extra.is_installed())
        if key not in known:
            known[key] = differ(base, checked)
        return known[key]

    find, faultless = lint.find, set[str]()

    def find_once(version: CompiledPolicy) -> Iterator[Diagnostic]:
        """A policy without findings has none again. The others are named by their temporary folder."""
        if version.digest not in faultless:
            findings = list(find(version))
            yield from findings
            faultless.update([] if findings else [version.digest])

    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(reporting, "_difference", differ_once)
        patching.setattr(lint, "find", find_once)
        patching.setattr(checking, "_check_once", lru_cache(checking._check_once.__wrapped__))
        patching.setattr(standing, "_bundle", lru_cache(standing._bundle.__wrapped__))
        yield


@pytest.fixture(scope="session")
def compiled() -> dict[str, File]:
    """The files of the folder of the test before, by name. A file that differs is compiled again."""
    return {}


@pytest.fixture
def folder(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, compiled: dict[str, File]
) -> Iterator[Path]:
    """In force until something is published. Nothing else needs a policy here, so that loading is cheap."""
    monkeypatch.setattr("decisions.needs.needed_policies", list)
    policies = settings.COMITY_POLICIES_DIR = write_folder(tmp_path / "shop" / "policies")
    kept = bundles.directory_at(policies)._kept
    kept.files = {str(policies / name): file for name, file in compiled.items()}
    yield tmp_path / "shop"
    compiled.update({Path(path).name: file for path, file in kept.files.items()})


@pytest.fixture
def follows_bundles(settings: Any) -> Iterator[None]:
    """This process decides with published bundles, like one that has just started. Ask for it after what is put in force."""
    settings.COMITY_POLICY_SOURCE = "marketplace.publishing.source.PublishedBundles"
    _forget()
    yield
    _forget()


def _forget() -> None:
    """Numbers of bundles begin again in the next test."""
    bundles.source_of.cache_clear()
    material._published.cache_clear()


@pytest.fixture
def ann(db: None) -> User:
    user = make_user("ann", Role.POLICY_OWNER)
    user.email = "ann@shop.example"
    user.save()
    return user


@pytest.fixture
def bob(db: None) -> User:
    user = make_user("bob", Role.POLICY_OWNER)
    user.groups.add(approvers())
    return user


@pytest.fixture
def carl(db: None) -> User:
    user = make_user("carl", Role.MODERATOR)
    user.groups.add(approvers())
    return user


@pytest.fixture
def eve(db: None) -> User:
    return make_user("eve", Role.MODERATOR)


@pytest.fixture
def shop(folder: Path, ann: User, bob: User, carl: User) -> Bundles:
    return Bundles(folder, ann, carl)


@pytest.fixture
def first(shop: Bundles) -> Publication:
    """In force."""
    return shop.put_in_force()
