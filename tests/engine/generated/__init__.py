"""Policies and facts by chance, for holding the compiler to the reference. Values come from small pools, so that they meet."""
