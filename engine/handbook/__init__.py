"""Policies for people who do not read YAML: the parts of a page about a policy, and its time line."""
