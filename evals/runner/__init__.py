"""How a run goes from a command to its tables: preflight, asking, progress, scores, results."""
