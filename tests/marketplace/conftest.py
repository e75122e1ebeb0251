"""Sam sells, Bea and Ben buy."""

import pytest

from marketplace.accounts.models import Role, User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from tests.marketplace.factories import make_order, make_product, make_user


@pytest.fixture
def sam(db: None) -> User:
    return make_user("sam", Role.SELLER)


@pytest.fixture
def bea(db: None) -> User:
    return make_user("bea", Role.BUYER)


@pytest.fixture
def ben(db: None) -> User:
    return make_user("ben", Role.BUYER)


@pytest.fixture
def product(sam: User) -> Product:
    return make_product(sam)


@pytest.fixture
def order(bea: User, product: Product) -> Order:
    return make_order(bea, product)
