"""What rows mean: estimates, comparisons, leaks, distributions, subgroups; each a function of
scored rows.
"""
