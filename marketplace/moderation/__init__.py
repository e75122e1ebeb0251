"""Decides about texts by their detector findings, and manages the review queue."""
