"""A seller, two buyers, moderators and policy owners; a product; and a completed sale."""

from pathlib import Path
from typing import Any

import pytest

from marketplace.accounts.models import Role
from marketplace.catalog.models import Product
from tests.api.callers import Caller, make_caller, make_product
from tests.editable_policies import copy_policies
from tests.throttles import forget_throttles as forget_throttles


@pytest.fixture
def anonymous() -> Caller:
    return Caller()


@pytest.fixture
def seller(db: None) -> Caller:
    return make_caller("sam", Role.SELLER)


@pytest.fixture
def buyer(db: None) -> Caller:
    return make_caller("bea", Role.BUYER)


@pytest.fixture
def other_buyer(db: None) -> Caller:
    return make_caller("ben", Role.BUYER)


@pytest.fixture
def policy_owner(db: None) -> Caller:
    return make_caller("pia", Role.POLICY_OWNER)


@pytest.fixture
def moderator(db: None) -> Caller:
    return make_caller("max", Role.MODERATOR)


@pytest.fixture
def desk(seller: Caller) -> Product:
    return make_product(seller)


@pytest.fixture
def order(buyer: Caller, desk: Product) -> dict[str, Any]:
    return buyer.post("/api/v1/orders", {"product_id": desk.pk}).json()


@pytest.fixture
def sold(order: dict[str, Any], seller: Caller, buyer: Caller) -> dict[str, Any]:
    """The order after both sides confirmed it."""
    seller.post(f"/api/v1/orders/{order['id']}/confirmations")
    return buyer.post(f"/api/v1/orders/{order['id']}/confirmations").json()


@pytest.fixture
def policies(tmp_path: Path, settings: Any) -> Path:
    """A copy of the policies that a test may break."""
    settings.COMITY_POLICIES_DIR = copy_policies(tmp_path / "policies")
    return settings.COMITY_POLICIES_DIR


@pytest.fixture
def messages(order: dict[str, Any]) -> str:
    """The path of the messages in the order's chat."""
    return f"/api/v1/chats/{order['chat_id']}/messages"
