"""Whether a backstory keeps what it was told: one check, and the text rules behind it."""
