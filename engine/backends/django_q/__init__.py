"""Translates a policy to a filter of a Django queryset. See `queryset.py`."""
