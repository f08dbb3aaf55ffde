"""Error messages of the page: one line that says what went wrong and what to do about it."""

import logging

from graph.llm.errors import (
    FATAL,
    LOST,
    REFUSED,
    CallFailedError,
    FaultError,
    RunAbortedError,
    error_code,
    error_text,
)
from graph.settings import Settings

ONE_LINE_ERRORS = (ValueError, CallFailedError, FaultError, RunAbortedError)
"""Errors whose text is one line already: input too large or invalid, no key, a story cut off."""
log = logging.getLogger(__name__)


def error_message(error: Exception, settings: Settings) -> str:
    """One line for a visitor who got this error instead of an answer."""
    status = getattr(error, "status_code", None)
    where = f" at {settings.base_url}" if settings.base_url else ""
    if why := (FATAL | REFUSED).get(status or 0):
        return f"The model{where} does not answer: {why} (status {status})."
    if status:
        return (
            f"The model{where} answered with an error (status {status}). Try again, or ask another "
            "model."
        )
    if error_code(error) in LOST:
        return f"The model{where} cannot be reached. Is it running, and is its address right?"
    if isinstance(error, ONE_LINE_ERRORS):
        return as_sentence(error_text(error))
    log.error("an answer failed", exc_info=error)  # unforeseen: the console says where
    return as_sentence(f"No answer: {error_text(error)}")


def as_sentence(words: str) -> str:
    """Words as one sentence: a capital first, a full stop last."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
