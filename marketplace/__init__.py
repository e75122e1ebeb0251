"""People, products, chats, confirmations and reviews, each an app that writes only on a decision."""
