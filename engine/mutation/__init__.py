"""Mutation testing of policies: small changes of a policy's text, each of which some case must detect."""
