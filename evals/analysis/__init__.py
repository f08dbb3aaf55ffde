"""Pure functions of scored rows: estimates, comparisons, leaks, distributions and subgroups."""
