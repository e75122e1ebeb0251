"""The facts check: `check.py` reports errors in full, and `fast.py` generates a quick check for valid facts."""
