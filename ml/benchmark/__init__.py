"""How well moderation tells what must be blocked from what must pass, and how long it takes."""
