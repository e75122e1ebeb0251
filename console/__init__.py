"""Pages for those who look after moderation, which work without JavaScript, and the one that shows the assistant."""
