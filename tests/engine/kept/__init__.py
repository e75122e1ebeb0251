"""Regression conditions on which evaluators once disagreed, or plausibly could. Every run evaluates all of them."""
