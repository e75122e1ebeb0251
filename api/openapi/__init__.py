"""Generates the OpenAPI 3.1 documents, and detects breaking changes between two of them."""
