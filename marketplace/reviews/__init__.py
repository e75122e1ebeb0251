"""Reviews, and the grants without which none can exist."""
