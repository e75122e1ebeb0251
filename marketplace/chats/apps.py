"""The Django app of the chats, with the triggers that keep a locked chat locked."""

from decisions.triggers import GuardedAppConfig, Trigger, no_replace
from marketplace.moderation.apps import keeps_its_item

CHAT_IS_LOCKED = "EXISTS (SELECT 1 FROM chats_chat WHERE id = NEW.chat_id AND locked_at IS NOT NULL)"
ITS_CHAT = "chats_chat WHERE id = NEW.chat_id"
WAS_LOCKED_AND_CHANGES = (
    "OLD.locked_at IS NOT NULL AND (NEW.locked_at IS NULL OR NEW.locked_at <> OLD.locked_at "
    "OR NEW.last_seq <> OLD.last_seq OR NEW.id <> OLD.id OR NEW.product_id <> OLD.product_id "
    "OR NEW.buyer_id <> OLD.buyer_id OR NEW.seller_id <> OLD.seller_id)"
)
# SQLite's OR REPLACE deletes the row without firing DELETE triggers.
LOCKED_IN_THE_WAY = (
    "EXISTS (SELECT 1 FROM chats_chat WHERE id <> NEW.id AND locked_at IS NOT NULL "
    "AND product_id = NEW.product_id AND buyer_id = NEW.buyer_id)"
)


class ChatsConfig(GuardedAppConfig):
    name = "marketplace.chats"
    default = True
    policies = ("chat",)
    lists = ("marketplace.chats.facts.OPEN_CHATS",)
    erases = ("marketplace.chats.services.blank_messages",)
    triggers = (
        Trigger(
            "chats_message_not_into_locked",
            "chats_message",
            "INSERT",
            "the chat is locked",
            when=CHAT_IS_LOCKED,
            share=ITS_CHAT,
        ),
        Trigger(
            "chats_message_not_moved_into_locked",
            "chats_message",
            "UPDATE",
            "the chat is locked",
            when=f"NEW.chat_id <> OLD.chat_id AND {CHAT_IS_LOCKED}",
            share=ITS_CHAT,
        ),
        Trigger(
            "chats_chat_stays_locked",
            "chats_chat",
            "UPDATE",
            "a locked chat stays locked",
            when=WAS_LOCKED_AND_CHANGES,
        ),
        Trigger(
            "chats_chat_locked_is_kept",
            "chats_chat",
            "DELETE",
            "a locked chat is kept",
            when="OLD.locked_at IS NOT NULL",
        ),
        no_replace("chats_chat"),
        *(
            Trigger(
                f"chats_chat_locked_not_replaced_by_{event.lower()}",
                "chats_chat",
                event,
                "a locked chat is kept",
                when=LOCKED_IN_THE_WAY,
                vendors=("sqlite",),
            )
            for event in ("INSERT", "UPDATE")
        ),
        keeps_its_item("chats_message"),
    )
