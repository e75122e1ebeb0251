"""The assistant: stored conversations of whoever is signed in, and answers that the policies give."""
