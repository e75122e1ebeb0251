"""Orders: both sides confirm a sale, and the second confirmation completes it."""
