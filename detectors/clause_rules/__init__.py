"""Apply the lexicon's rules: who does what to whom, unless it is denied, reported or meant otherwise."""
