"""May this buyer review this product: up to six confirmations, most of them by the two parties."""

from random import Random

from benchmarks.workloads.workload import FROZEN, Facts, Workload


def facts(random: Random) -> Facts:
    buyer, seller = f"user-{random.randrange(5)}", f"user-{random.randrange(5)}"
    product = f"product-{random.randrange(2)}"
    return {
        "buyer_id": buyer,
        "seller_id": seller,
        "product_id": product,
        "already_reviewed": random.random() < 0.2,
        "confirmations": [_confirmation(random, buyer, seller) for _ in range(random.randrange(7))],
    }


def _confirmation(random: Random, buyer: str, seller: str) -> Facts:
    party = random.choice(("seller", "buyer"))
    by, counterparty = (seller, buyer) if party == "seller" else (buyer, seller)
    if random.random() < 0.2:
        counterparty = f"user-{random.randrange(5)}"
    product = f"product-{random.randrange(2)}"
    return {"party": party, "by": by, "counterparty": counterparty, "product_id": product}


WORKLOAD = Workload("review_eligibility", (FROZEN / "review_eligibility.yaml").read_text("utf-8"), facts)
