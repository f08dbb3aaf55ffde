"""Tell the backstory of a profile, once."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from graph.faults import CallFailed
from graph.limits import hold
from graph.nodes.call import forget, send
from graph.nodes.refusal import is_refusal
from graph.redaction import shorten
from graph.reply_check import STORY
from graph.settings import Settings, settings_of
from graph.state import State, Story
from graph.thoughts import without_thoughts
from survey.profile import Answer, fingerprint, listed


async def tell(profile: Sequence[Answer], settings: Settings) -> Story:
    """The backstory of a profile, and the hash of what it tells. An empty profile has an empty story, and no call.

    Raises CallFailed where the model told none: no text, refused, withheld by a filter, or cut off. Half a story is
    never used silently.
    """
    if not profile:
        return Story(backstory="", backstory_of=fingerprint(profile))
    message = await send(STORY, settings, profile=listed(profile))
    text = without_thoughts(str(message.text)).strip()
    if is_refusal(text, profile):
        forget(message, "refused", settings)
        raise CallFailed("refused", shorten(f"in place of a story the model wrote: {text}"))
    return Story(backstory=text, backstory_of=fingerprint(profile))


async def story(state: State, runtime: Runtime[Settings]) -> Story:
    """Tell the backstory, unless the one at hand tells this very profile.

    A backstory handed in without a hash is taken at its word; one whose hash is another profile's is told anew.
    """
    hold(state)
    known = fingerprint(state["profile"])
    if state.get("backstory"):
        told_of = state.get("backstory_of")
        if told_of == known:
            return {}
        if not told_of:
            return {"backstory_of": known}
    return await tell(state["profile"], settings_of(runtime))


async def bare_profile(state: State, runtime: Runtime[Settings]) -> Story:
    """In place of a story, the profile as it stands: the ablation without story."""
    hold(state)
    settings = settings_of(runtime)
    return {
        "backstory": listed(state["profile"], settings.protocol),
        "backstory_of": fingerprint(state["profile"]),
    }
