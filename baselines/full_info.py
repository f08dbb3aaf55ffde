"""Full Info: the model sees the whole profile in one call."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from graph.nodes.call import ask_question
from graph.settings import Settings, settings_of
from graph.state import Output, State, make_output
from graph.validation import validate_input
from graph.wiring import Graph, chain_nodes
from survey.profile import Answer, Protocol, profile_lines, profile_text


async def full_info(state: State, runtime: Runtime[Settings]) -> Output:
    """Answer in one call that holds every known answer."""
    validate_input(state)
    settings = settings_of(runtime)
    profile = known_text(state["profile"], settings.protocol)
    return make_output(await ask_question("full_info", state, settings, profile=profile), "direct")


def known_text(profile: Sequence[Answer], protocol: Protocol) -> str:
    """The whole profile as this call shows it."""
    if protocol == "fair":
        return profile_text(profile)
    return "\n\n".join(profile_lines(profile, protocol))


def build(name: str = "full_info") -> Graph:
    """Build the graph. No key and no client is needed until it runs."""
    return chain_nodes(name, full_info=full_info)


graph = build()
