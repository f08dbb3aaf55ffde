"""The nodes of the chat graph: they hear a message, tell who speaks, decide, speak, and check what
is said.
"""
