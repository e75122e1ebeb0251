"""HTML pages for policy owners, testers and moderators, which work without JavaScript, and the assistant demo page."""
