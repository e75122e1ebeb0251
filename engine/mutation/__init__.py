"""Mutation of policies: small changes of a policy's own text, each of which some case must notice."""
