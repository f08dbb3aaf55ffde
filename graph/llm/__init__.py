"""Chat models and embeddings from a name: clients, errors, finish reasons, usage, the offline model."""
