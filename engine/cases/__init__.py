"""Policy test cases in YAML: facts in, decision out."""
