"""The backend that decides: the typed tree as Python functions."""
