"""Tell the backstory of a profile, once."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from graph.faults import CallFailed
from graph.limits import hold
from graph.nodes.call import send
from graph.settings import Settings, settings_of
from graph.state import State, Story
from graph.thoughts import without_thoughts
from survey.profile import Answer, fingerprint, listed


async def tell(profile: Sequence[Answer], settings: Settings) -> Story:
    """The backstory of a profile, and the hash of what it tells. An empty profile has an empty story, and no call.

    Raises CallFailed when the model was cut off at its longest reply: half a story is never used silently.
    """
    if not profile:
        return Story(backstory="", backstory_of=fingerprint(profile))
    message = await send("predict/story", settings, profile=listed(profile))
    if message.response_metadata.get("finish_reason") == "length":
        raise CallFailed("story_cut_off", "the story is longer than the model may write")
    return Story(backstory=without_thoughts(str(message.text)).strip(), backstory_of=fingerprint(profile))


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
