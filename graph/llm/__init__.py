"""Chat models and embeddings from a name: clients, errors, usage, and the offline model."""
