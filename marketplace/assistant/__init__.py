"""The assistant: stored conversations of signed-in users, and answers derived from the policies."""
