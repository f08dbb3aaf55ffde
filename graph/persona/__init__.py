"""A simulated person in Python: ask, converse, sample respondents, or hand out a tool."""
