"""The ValueSim graph, its state, its models and its call store."""
