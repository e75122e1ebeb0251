"""How long media is kept: the stamp at closure, the plan, the sweep, its evidence, and their checks."""
