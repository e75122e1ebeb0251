"""How the plan of a sweep grows with the disputes whose media is due. Run as a module, it makes them in its own database."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import thread_time

from benchmarks.django_process import run_in_django
from benchmarks.result import Effort, Findings, Result

SECTION = "plan of a sweep, CPU time"
SIZES = (1_000, 10_000)
MOST_GROWTH = 1.5
BEST_OF = 3
BATCH = 500
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def measure(effort: Effort) -> Findings:
    few, many = (run_in_django("benchmarks.sweep", str(size))["seconds"] for size in SIZES)
    growth = many / few / (SIZES[1] / SIZES[0])
    return [
        Result(SECTION, f"{SIZES[1]:,} disputes with a file each", many, "{:.2f} s"),
        Result(
            SECTION, f"each of {SIZES[1]:,} relative to each of {SIZES[0]:,}", growth, "{:.2f}×", MOST_GROWTH
        ),
    ]


def seconds(size: int) -> float:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from marketplace.disputes.retention.planning import make_plan

    make_disputes(size)
    taken = []
    for _ in range(BEST_OF):
        begun = thread_time()
        plan = make_plan(at=NOW)
        taken.append(thread_time() - begun)
        if len(plan.deleted) + len(plan.kept) != size:
            raise RuntimeError(
                f"the plan is about {len(plan.deleted)} and {len(plan.kept)} files, not about {size}"
            )
    return min(taken)


def make_disputes(count: int) -> None:
    """About one sale each, closed more than the retention ago."""
    from marketplace.accounts.models import User
    from marketplace.catalog.models import Product
    from marketplace.chats.models import Chat
    from marketplace.disputes.models import Dispute, Media
    from marketplace.orders.models import Order

    sold = NOW - timedelta(days=200)
    seller, buyer = (User.objects.create_user(role, role=role) for role in ("seller", "buyer"))
    products = Product.objects.bulk_create(
        (Product(seller=seller, name="Desk", single_sale=False, created_at=sold) for _ in range(count)), BATCH
    )
    chats = Chat.objects.bulk_create((Chat(product=p, buyer=buyer, seller=seller) for p in products), BATCH)
    both = {"seller_confirmed_at": sold, "buyer_confirmed_at": sold, "completed_at": sold}
    orders = Order.objects.bulk_create(
        (
            Order(
                product=p,
                buyer=buyer,
                seller=seller,
                chat=c,
                single_sale=False,
                status="completed",
                created_at=sold,
                **both,
            )
            for p, c in zip(products, chats, strict=True)
        ),
        BATCH,
    )
    disputes = Dispute.objects.bulk_create(
        (Dispute(order=order, opened_by=buyer, opened_at=sold) for order in orders), BATCH
    )
    file = {"uploader": buyer, "place": 1, "kind": "pdf", "size": 1, "sha256": "0" * 64, "created_at": sold}
    Media.objects.bulk_create((Media(dispute=d, key=f"e/{d.pk}", **file) for d in disputes), BATCH)
    Media.objects.update(state="live")
    until = sold + timedelta(days=90)
    Dispute.objects.update(status="closed", closed_at=sold, retain_until=until)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps({"seconds": seconds(int(sys.argv[2]))}))
