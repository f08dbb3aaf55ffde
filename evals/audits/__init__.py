"""Audits backstories: where they come from, what each does with its facts, and the tables of it."""
