"""One folder or module for each thing that the typed tree becomes. Compilation goes through `registry.py`."""
