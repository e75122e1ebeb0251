"""Creates the demo's users and products. Run again, it reuses the users and offers products without orders."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from marketplace.accounts.models import Role, User
from marketplace.accounts.services import change_password, issue_token
from marketplace.catalog.models import Product

PEOPLE = {
    "sam": Role.SELLER,
    "bea": Role.BUYER,
    "ben": Role.BUYER,
    "ada": Role.AGENT,
    "max": Role.MODERATOR,
    "pia": Role.POLICY_OWNER,
}
MODERATOR = "max"
WARES = ("Walnut desk", "Brass lamp", "Reading chair")


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    token: str


@dataclass(frozen=True, slots=True)
class Cast:
    people: dict[str, Person]
    products: list[Product]


def make_cast(*, now: datetime) -> Cast:
    """Issues new tokens. Earlier ones stay valid unless the password has changed."""
    people = {name: make_person(name, role, now=now) for name, role in PEOPLE.items()}
    return Cast(people, [offer(people["sam"].user, name, now=now) for name in WARES])


def give_password(cast: Cast, *, now: datetime) -> str:
    """Gives the moderator a password for the console, which has no token sign-in. That revokes older passwords and tokens, so
    the moderator also gets a new token."""
    moderator = cast.people[MODERATOR].user
    password = secrets.token_urlsafe(12)
    change_password(user=moderator, password=password, now=now)
    cast.people[MODERATOR] = Person(moderator, issue_token(user=moderator, now=now))
    return password


def make_person(name: str, role: Role, *, now: datetime) -> Person:
    user, created = User.objects.get_or_create(
        username=name, defaults={"role": role, "first_name": name.title()}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return Person(user, issue_token(user=user, now=now))


def offer(seller: User, name: str, *, now: datetime) -> Product:
    unsold = Product.objects.filter(seller=seller, name=name, orders=None).first()
    return unsold or Product.objects.create(seller=seller, name=name, created_at=now)
