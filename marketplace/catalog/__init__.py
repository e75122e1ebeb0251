"""Products that sellers offer."""
