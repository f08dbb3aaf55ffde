"""What ValueSim is held against: two graphs, and references that need no model."""
