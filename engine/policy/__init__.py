"""A policy: from text to `Policy` to `ValidatedPolicy`."""
