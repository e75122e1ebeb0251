"""The marketplace: people, products, chats, confirmations and reviews, each an app that acts only on decisions."""
