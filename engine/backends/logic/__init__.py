"""Check whether conditions can be true together, with a small, sound and bounded satisfiability search over the typed tree."""
