"""The default backend: compiles the typed tree to Python functions."""
