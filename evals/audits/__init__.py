"""The audit of backstories: where they come from, what became of each fact, and the tables over
them.
"""
