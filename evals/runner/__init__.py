"""How a run goes from a command to its tables: checks, progress, failures, interrupts, results."""
