"""Who was asked what, and what they said; nothing here knows of models."""
