"""The Ninja surface: the policy API, with the same admission, reader and problems as DRF's."""
