"""Engine benchmarks, as ratios to hand-written Python in the same run: `make bench`."""
