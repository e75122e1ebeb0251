"""Whether conditions can hold together: a small satisfiability search over the typed tree, sound and bounded."""
