"""Facts of the chat policy."""

from marketplace.accounts.models import User
from marketplace.chats.models import Chat


def chat_facts(*, author: User, chat: Chat) -> dict[str, object]:
    return {
        "author_id": str(author.pk),
        "buyer_id": str(chat.buyer_id),
        "seller_id": str(chat.seller_id),
        "locked_at": chat.locked_at,
    }
