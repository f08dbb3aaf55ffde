"""Full Info: the whole profile in one call. The wiring alone."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from graph.limits import hold
from graph.nodes.call import answer
from graph.settings import Settings, settings_of
from graph.state import Output, State, decided
from graph.wiring import Graph, chain
from survey.profile import Answer, Protocol, lines, listed


async def full_info(state: State, runtime: Runtime[Settings]) -> Output:
    """Answer in one call that holds every known answer."""
    hold(state)
    settings = settings_of(runtime)
    profile = known(state["profile"], settings.protocol)
    return decided(await answer("full_info", state, settings, profile=profile), "direct")


def known(profile: Sequence[Answer], protocol: Protocol) -> str:
    """The whole profile as this call shows it."""
    return listed(profile) if protocol == "fair" else "\n\n".join(lines(profile, protocol))


def build(name: str = "full_info") -> Graph:
    """Build the graph. No key and no client is needed until it runs."""
    return chain(name, full_info=full_info)


graph = build()
