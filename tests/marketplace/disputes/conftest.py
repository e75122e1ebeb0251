"""A completed sale between Sam and Bea, a dispute about it, Ada the support agent, and a folder for evidence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from marketplace.accounts.models import Role, User
from marketplace.disputes.models import Dispute, Media
from marketplace.orders.models import Order
from tests.editable_policies import copy_policies
from tests.marketplace.disputes.factories import add_media, make_dispute
from tests.marketplace.factories import complete, make_user


@pytest.fixture(autouse=True)
def evidence(tmp_path: Path, settings) -> Path:
    """The folder that this test's evidence goes to."""
    folder = tmp_path / "evidence"
    local = {
        "BACKEND": "marketplace.disputes.storage.files.EvidenceFiles",
        "OPTIONS": {"location": folder},
    }
    settings.STORAGES = {**django_settings.STORAGES, "evidence": local}
    return folder


@pytest.fixture
def policies(tmp_path: Path, settings) -> Callable[[str, str, str], None]:
    """Puts an edited copy of the policies in force."""

    def edit(policy: str, before: str, after: str) -> None:
        folder = copy_policies(tmp_path / f"policies-{len(list(tmp_path.iterdir()))}")
        path = folder / f"{policy}.yaml"
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))
        settings.POLICIES_DIR = folder

    return edit


@pytest.fixture
def ada(db: None) -> User:
    return make_user("ada", Role.AGENT)


@pytest.fixture
def sale(order: Order) -> Order:
    return complete(order)


@pytest.fixture
def dispute(sale: Order) -> Dispute:
    return make_dispute(sale)


@pytest.fixture
def media(dispute: Dispute, bea: User) -> Media:
    return add_media(dispute, bea)
