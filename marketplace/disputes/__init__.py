"""Disputes about completed sales: their messages, media and retention."""
