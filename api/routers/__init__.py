"""The Ninja surface: the policy API, with the same admission, parsing and problems as DRF."""
