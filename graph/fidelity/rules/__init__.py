"""How a story is read for facts: words, expressions of value, topics and scales; fixed rules, no
model.
"""
