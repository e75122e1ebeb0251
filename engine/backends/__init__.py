"""Each module or package here compiles the typed tree to a different target. Use `registry.py` to compile."""
