"""A folder of two policies, and people: Ann and Bob own policies, Bob and Carl approve, Eve may do neither."""

from pathlib import Path
from typing import Any

import pytest

from marketplace.accounts.models import Role, User
from marketplace.publishing.models import Publication
from marketplace.publishing.people import approvers
from tests.marketplace.factories import make_user
from tests.marketplace.publishing.bundle import Bundles, write_folder


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In force until something is published. Nothing else needs a policy here, so that loading is cheap."""
    monkeypatch.setattr("decisions.needs.needed_policies", list)
    settings.COMITY_POLICIES_DIR = write_folder(tmp_path / "shop" / "policies")
    return tmp_path / "shop"


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
