"""Strict YAML and JSON: every node keeps its location, and every problem is a diagnostic. Independent of policies."""
