"""Cases: facts in, decision out, in YAML."""
