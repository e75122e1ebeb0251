"""The condition language: a typed subset of CEL (the Common Expression Language)."""
