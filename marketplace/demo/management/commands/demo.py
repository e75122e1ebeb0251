"""`manage.py demo`: prints users, tokens and products to try out Comity."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.table import Column, Table

from marketplace.demo.cast import MODERATOR, Cast, give_password, make_cast
from marketplace.demo.labelled import fill_set
from marketplace.demo.queue import fill_queue
from marketplace.demo.tour import write_tour


class Command(BaseCommand):
    help = (
        "Create demo users and products and issue new tokens; earlier tokens stay valid. Without --json the moderator "
        "gets a new password too, which revokes the moderator's earlier tokens, a queue of texts to rule on, and a labelled "
        "set. Needs COMITY_DEBUG."
    )
    requires_system_checks = ()  # works with a broken policy file

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--install",
            action="store_true",
            help="migrate the database and install the evidence storage first",
        )
        shape = parser.add_mutually_exclusive_group()
        shape.add_argument("--json", action="store_true", help="print one JSON object")
        shape.add_argument(
            "--tour", type=int, metavar="PORT", help="print the tour for a server on this port"
        )

    def handle(self, *, install: bool, json: bool, tour: int | None, **_: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demo hands out working tokens, so it runs only where COMITY_DEBUG=true says that this "
                "installation is for trying things out."
            )
        if install:
            call_command("migrate", verbosity=0)
            call_command("evidence", "install", verbosity=0)
        now = timezone.now()
        cast = make_cast(now=now)
        if json:
            self.stdout.write(to_json(cast))
            return
        fill_queue(cast, now=now)
        fill_set(now=now)
        password = give_password(cast, now=now)
        if tour is not None:
            self.stdout.write(write_tour(cast, port=tour, password=password))
        else:
            self.stdout.write(to_tables(cast))
            self.stdout.write(f"/console/moderation/queue: {MODERATOR}, password {password}")


def to_json(cast: Cast) -> str:
    users = {
        name: {"id": person.user.pk, "role": person.user.role, "token": person.token}
        for name, person in cast.people.items()
    }
    products = [{"id": p.pk, "name": p.name, "seller_id": p.seller_id} for p in cast.products]
    return json.dumps({"users": users, "products": products}, indent=2)


def to_tables(cast: Cast) -> str:
    people = Table("name", "id", "role", Column("token", overflow="fold"), title="People")
    for name, person in cast.people.items():
        people.add_row(name, str(person.user.pk), person.user.role, person.token)
    products = Table("id", "name", "seller", title="Products")
    for product in cast.products:
        products.add_row(str(product.pk), product.name, product.seller.username)
    console = Console()
    with console.capture() as captured:
        console.print(people, products)
    return captured.get()
