"""What becomes of a text by what the detectors found in it, and the queue of those that a person reads."""
