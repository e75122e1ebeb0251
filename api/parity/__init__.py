"""Proof that the two surfaces of the assistant cannot be told apart: the same requests to both, and every difference."""
