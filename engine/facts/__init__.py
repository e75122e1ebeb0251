"""The facts check: `check.py` explains, `fast.py` is generated."""
