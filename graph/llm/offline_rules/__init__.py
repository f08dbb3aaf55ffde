"""The rules by which the offline stand-in answers, by use of the templates. It is no language
model.
"""
