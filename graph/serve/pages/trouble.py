"""What went wrong, in one line that says what to do about it."""

import logging

from graph.faults import FATAL, LOST, REFUSED, CallFailed, FaultError, Stop, kind, one_line
from graph.settings import Settings

OURS = (ValueError, CallFailed, FaultError, Stop)
"""Errors that already say in one line what is wrong: too much, malformed, no key, a story cut off."""
log = logging.getLogger(__name__)


def told(error: Exception, settings: Settings) -> str:
    """One line for somebody who asked and got this error instead of an answer."""
    status = getattr(error, "status_code", None)
    where = f" at {settings.base_url}" if settings.base_url else ""
    if why := (FATAL | REFUSED).get(status or 0):
        return f"The model{where} does not answer: {why} (status {status})."
    if status:
        return f"The model{where} answered with an error (status {status}). Try again, or ask another model."
    if kind(error) in LOST:
        return f"The model{where} cannot be reached. Is it running, and is its address right?"
    if isinstance(error, OURS):
        return sentence(one_line(error))
    log.error("an answer failed", exc_info=error)  # nobody foresaw it: the page says that, the console says where
    return sentence(f"No answer: {one_line(error)}")


def sentence(words: str) -> str:
    """Words as one sentence: a capital first, a full stop last."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
