"""Policies as owners would write them in the second edition, each tier in one place; some are tables that others published."""
