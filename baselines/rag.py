"""RAG: the known answers closest to the question, then one call. The wiring alone."""

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graph.limits import hold
from graph.models import embeddings_of
from graph.nodes.call import answer
from graph.retrieval import RELEASED_THRESHOLD, closest
from graph.settings import Settings, settings_of
from graph.state import Evidence, Output, State, decided
from graph.wiring import Graph, chain
from survey.profile import lines, question_text


class Found(TypedDict):
    """What retrieval adds."""

    evidence: list[Evidence]


async def retrieve(state: State, runtime: Runtime[Settings]) -> Found:
    """Keep the `top_k` known answers of highest cosine similarity to the question and its options."""
    hold(state)
    settings = settings_of(runtime)
    query = question_text(state["question"], state["options"])
    threshold = (
        RELEASED_THRESHOLD if settings.threshold is None and settings.protocol == "published" else settings.threshold
    )
    known = lines(state["profile"], settings.protocol)
    items = [answer.get("item", "") for answer in state["profile"]]
    return {"evidence": await closest(known, items, query, embeddings_of(settings), settings.top_k, threshold)}


async def rag(state: State, runtime: Runtime[Settings]) -> Output:
    """Answer in one call from the retrieved answers alone."""
    entries = [f"- (similarity {found['similarity']:.2f}) {found['line']}" for found in state["evidence"]]
    reply = await answer("rag", state, settings_of(runtime), evidence="\n".join(entries) or "- none")
    return decided(reply, "direct")


def build(name: str = "rag") -> Graph:
    """Build the graph. No key and no client is needed until it runs."""
    return chain(name, retrieve=retrieve, rag=rag)


graph = build()
