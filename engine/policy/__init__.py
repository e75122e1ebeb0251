"""Policies: from text to `Policy` to `ValidatedPolicy`."""
