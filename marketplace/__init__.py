"""Users, products, chats, orders, reviews and disputes: apps that write only after a policy decision."""
