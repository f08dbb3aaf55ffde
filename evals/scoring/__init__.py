"""Predictions made elsewhere: files of answers, of what people really said, and of a survey's own
items.
"""
