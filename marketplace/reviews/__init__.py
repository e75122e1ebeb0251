"""Reviews, and the grants that each of them requires."""
