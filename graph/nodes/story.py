"""Tell the backstory of a profile, once."""

from collections.abc import Sequence

from langchain_core.messages import BaseMessage
from langgraph.runtime import Runtime

from graph.llm.errors import CallFailedError
from graph.llm.redaction import shorten
from graph.llm.reply_check import STORY
from graph.nodes.call import complete, forget
from graph.nodes.refusal import refuses_story
from graph.reply_reader.thoughts import without_thoughts
from graph.settings import Settings, settings_of
from graph.state import State, StoryUpdate
from graph.validation import validate_input
from survey.profile import Answer, profile_hash, profile_text


async def tell_story(profile: Sequence[Answer], settings: Settings) -> StoryUpdate:
    """Tell the backstory of a profile, and return it with the hash of the profile.

    An empty profile has an empty story, and costs no call. Raises CallFailedError where the reply
    is no whole story: empty, refused, withheld by a filter, or cut off.
    """
    if not profile:
        return StoryUpdate(backstory="", backstory_of=profile_hash(profile))
    message = await complete(STORY, settings, profile=profile_text(profile))
    text = story_text(message)
    if refuses_story(text, profile):
        forget(message, "refused", settings)
        raise CallFailedError("refused", shorten(f"in place of a story the model wrote: {text}"))
    return StoryUpdate(backstory=text, backstory_of=profile_hash(profile))


def story_text(message: BaseMessage) -> str:
    """The story that a reply tells, without the thoughts before it."""
    return without_thoughts(str(message.text)).strip()


async def story(state: State, runtime: Runtime[Settings]) -> StoryUpdate:
    """Tell the backstory, unless the one at hand tells this very profile.

    A backstory handed in without a hash is taken at its word; one whose hash is another profile's
    is told anew.
    """
    validate_input(state)
    known = profile_hash(state["profile"])
    if state.get("backstory"):
        told_of = state.get("backstory_of")
        if told_of == known:
            return {}
        if not told_of:
            return {"backstory_of": known}
    return await tell_story(state["profile"], settings_of(runtime))


async def bare_profile(state: State, runtime: Runtime[Settings]) -> StoryUpdate:
    """Return the profile itself in place of a story: the ablation without story."""
    validate_input(state)
    settings = settings_of(runtime)
    return {
        "backstory": profile_text(state["profile"], settings.protocol),
        "backstory_of": profile_hash(state["profile"]),
    }
