"""Facts of the chat policy."""

from django.db.models import F

from decisions.lists import Id, Permission, PolicyList
from marketplace.accounts.models import User
from marketplace.chats.models import Chat


def chat_facts(*, author: User, chat: Chat) -> dict[str, object]:
    return {
        "author_id": str(author.pk),
        "buyer_id": str(chat.buyer_id),
        "seller_id": str(chat.seller_id),
        "locked_at": chat.locked_at,
    }


OPEN_CHATS = PolicyList(
    policy="chat",
    asked=Permission(),
    model=Chat,
    facts={"buyer_id": Id("buyer_id"), "seller_id": Id("seller_id"), "locked_at": F("locked_at")},
    given=("author_id",),
)
"""Chats in which the author may write: `chat_facts` as columns."""
