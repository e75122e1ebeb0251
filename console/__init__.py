"""HTML pages for moderators, which work without JavaScript, and the assistant demo page."""
