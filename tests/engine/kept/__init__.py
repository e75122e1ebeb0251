"""Conditions that once set the voices apart, or that look as if they could: asked again in every run."""
