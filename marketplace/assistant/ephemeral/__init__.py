"""Conversations of anonymous callers. The browser keeps them, signed; the server stores nothing.

Nothing in this package may import a model: import-linter enforces it, and tests deny it any database access.
"""
