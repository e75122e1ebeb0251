"""Titles of conversations in the inbox, by the policy `inbox_title`."""

from datetime import datetime
from typing import Final

from decisions import Subject, decide
from marketplace.assistant.titles import clean, cut, graphemes, words

DEFAULT: Final = "Conversation"
WORDS_TOLD: Final = 200
LONGEST_WORD: Final = 200


def name_conversation(*, text: str, product_name: str, subject: Subject, now: datetime) -> str:
    """Never empty. `product_name` is empty if there is no product. Call it in the transaction that stores the title."""
    message, product = clean(text), clean(product_name)
    facts = title_facts(message=message, product=product)
    decision = decide("inbox_title", facts, now=now, subject=subject, record=True, superset=True)
    candidates = {"use_message": message, "use_product": f"Conversation about {product}" if product else ""}
    chosen = candidates.get(decision.outcome, "")
    return cut(chosen, decision.outputs["max_graphemes"]) if chosen else DEFAULT


def title_facts(*, message: str, product: str) -> dict[str, object]:
    return {
        "graphemes": len(graphemes(message)),
        "words": [word[:LONGEST_WORD] for word in words(message)[:WORDS_TOLD]],
        "has_product": bool(product),
    }
