"""The page: who may see it, whom one looks at, what is asked, what is answered, and the talk beside
it.
"""
