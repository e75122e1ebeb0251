"""Find signals in text; the policy decides what happens to the message. No Django, no engine."""
