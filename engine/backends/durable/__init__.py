"""The typed tree as rulesets of durable-rules."""
