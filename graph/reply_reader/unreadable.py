"""The error that says why no option can be read from a reply."""

from graph.state import Cause


class UnreadableError(ValueError):
    """The text names no option, or not one alone; the message says why, and `cause` in a word."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause
