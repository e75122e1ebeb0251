"""Measure how well and how fast moderation judges labelled texts."""
