"""What proofs are used for: the exact difference of two policies, claims about policies, proposed cases."""
