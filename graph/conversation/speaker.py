"""Whose person speaks on a thread."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from graph.conversation.settings import ChatSettings
from graph.conversation.state import ChatState
from graph.persona.persona import Persona
from survey.profile import Answer

KEPT = 64


async def speaker_of(state: ChatState, settings: ChatSettings) -> Sequence[Answer]:
    """What is known of the person: the thread's profile, else the text of the settings, else their
    respondent.

    Raises ValueError, one line, for a text too long and for a respondent that the sample does not
    have. Files are read in a thread of their own.
    """
    if profile := state.get("profile"):
        return profile
    if settings.about and settings.about.strip():
        return await asyncio.to_thread(_told, settings.about)
    try:
        return await asyncio.to_thread(_respondent, settings.respondent)
    except IndexError as error:
        raise ValueError(f"respondent: {error}") from None


@lru_cache(KEPT)
def _told(about: str) -> Sequence[Answer]:
    """The person of a text."""
    return Persona.from_text(about).profile


@lru_cache(KEPT)
def _respondent(row: int) -> Sequence[Answer]:
    """A respondent of the synthetic sample."""
    return Persona.from_respondent(None, row).profile
