"""Why no option could be read."""

from graph.state import Cause


class UnreadableError(ValueError):
    """No one valid option stands in the text; the message says why, and `cause` in a word."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause
