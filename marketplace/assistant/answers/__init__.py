"""Answers to questions: finds the topic of a question and explains the decision of the policies in force."""
