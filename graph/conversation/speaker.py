"""Finds out which simulated person speaks on a thread."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from graph.conversation.settings import ChatSettings
from graph.conversation.state import ChatState
from graph.persona.persona import Persona
from survey.profile import Answer

KEPT = 64
"""Profiles of each kind that stay in memory."""


async def speaker_of(state: ChatState, settings: ChatSettings) -> Sequence[Answer]:
    """The known answers of the person who speaks.

    They come from the thread's profile, else from the text of the settings, else from their
    respondent. Raises ValueError, one line, for a text too long and for a respondent that the
    sample does not have. A worker thread reads files.
    """
    if profile := state.get("profile"):
        return profile
    if settings.about and settings.about.strip():
        return await asyncio.to_thread(_profile_from_text, settings.about)
    try:
        return await asyncio.to_thread(_respondent_profile, settings.respondent)
    except IndexError as error:
        raise ValueError(f"respondent: {error}") from None


@lru_cache(KEPT)
def _profile_from_text(about: str) -> Sequence[Answer]:
    """The known answers of the person that a text tells of."""
    return Persona.from_text(about).profile


@lru_cache(KEPT)
def _respondent_profile(row: int) -> Sequence[Answer]:
    """The known answers of a respondent of the synthetic sample."""
    return Persona.from_respondent(None, row).profile
