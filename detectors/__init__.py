"""Text to signals: what a message holds, never what becomes of it. No Django, no engine."""
