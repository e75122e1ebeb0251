"""Compile the typed tree to durable-rules rulesets."""
