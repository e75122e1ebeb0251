"""Policies as a shop's owner would write them in the second edition, each tier in one place."""
