"""Other people's CEL, asked what a condition comes to: voices that know nothing of this engine."""
