"""Tunes moderation on labelled texts: thresholds, rules and detectors."""
