"""Media retention: the date set at closure, the plan, the sweep, its evidence, and checks."""
