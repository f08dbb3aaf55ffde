"""Full Info: the whole profile in one call. The wiring alone."""

from langgraph.runtime import Runtime

from graph.nodes.call import answer
from graph.settings import Settings, settings_of
from graph.state import Output, State, decided
from graph.wiring import Graph, chain
from survey.profile import lines


async def full_info(state: State, runtime: Runtime[Settings]) -> Output:
    """Answer in one call that holds every known answer."""
    settings = settings_of(runtime)
    known = lines(state["profile"], settings.protocol)
    profile = "\n".join(f"- {line}" for line in known) if settings.protocol == "fair" else "\n\n".join(known)
    return decided(await answer("full_info", state, settings, profile=profile), "direct")


def build(name: str = "full_info") -> Graph:
    """Build the graph. No key and no client is needed until it runs."""
    return chain(name, full_info=full_info)


graph = build()
