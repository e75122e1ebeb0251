"""YAML and JSON, read strictly: every node keeps its place, and every problem is a diagnostic. Knows nothing of policies."""
