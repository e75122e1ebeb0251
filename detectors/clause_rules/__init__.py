"""What clauses say, by the rules of the lexicon: who does what to whom, unless it is denied, reported or meant otherwise."""
