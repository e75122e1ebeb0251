"""Translate the typed tree to terms of a solver, and ask it for an input with a property, or a proof that there is none."""
