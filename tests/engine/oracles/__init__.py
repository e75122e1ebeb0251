"""Independent CEL implementations used as oracles, which share no code with this engine."""
