"""Scores predictions made elsewhere: reads predictions, real answers and item tables from files."""
