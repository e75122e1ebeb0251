"""Generate random policies and facts for comparing backends. Values come from small pools, so that they often coincide."""
