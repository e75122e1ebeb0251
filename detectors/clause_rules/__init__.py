"""Apply the lexicon's rules: who does what to whom, unless the sentence denies, reports or excuses it."""
