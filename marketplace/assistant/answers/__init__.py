"""Answers to questions: which topic one is about, and what the policies in force say of it."""
