"""How fast the engine is, as ratios to the same rules written by hand in the same run: `make bench`."""
