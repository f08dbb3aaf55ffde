"""Studies: lists of experiments over one call store, and the tables made of all their rows."""
