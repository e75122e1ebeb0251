"""Proves that the two surfaces of the assistant are equivalent: sends the same requests to both and lists every difference."""
