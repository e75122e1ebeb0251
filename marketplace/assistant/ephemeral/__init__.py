"""Conversations of whoever is logged out: the page holds them, signed, and nothing of them is ever written here.

Nothing in this package may import a model; import-linter sees to it, and tests forbid it the database altogether.
"""
