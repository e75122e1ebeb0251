"""Disputes about completed sales: their threads, their media, and how long that is kept."""
