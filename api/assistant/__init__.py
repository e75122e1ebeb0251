"""The assistant's operations, shared by both surfaces. The surfaces only parse requests."""
