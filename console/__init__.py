"""Pages for those who look after moderation: plain templates that work without JavaScript."""
