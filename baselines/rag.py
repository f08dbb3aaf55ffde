"""RAG: the known answers closest to the question, then one call. The wiring alone."""

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graph.llm.factory import embeddings_of
from graph.nodes.call import ask_question
from graph.retrieval import RELEASED_THRESHOLD, closest_answers
from graph.settings import Settings, settings_of
from graph.state import Evidence, Output, State, make_output
from graph.validation import validate_input
from graph.wiring import Graph, chain_nodes
from survey.profile import profile_lines, question_text


class RetrievalUpdate(TypedDict):
    """What retrieval adds."""

    evidence: list[Evidence]


async def retrieve(state: State, runtime: Runtime[Settings]) -> RetrievalUpdate:
    """Keep the `top_k` known answers of highest cosine similarity to the question and its
    options.
    """
    validate_input(state)
    settings = settings_of(runtime)
    query = question_text(state["question"], state["options"])
    threshold = (
        RELEASED_THRESHOLD
        if settings.threshold is None and settings.protocol == "published"
        else settings.threshold
    )
    known = profile_lines(state["profile"], settings.protocol)
    items = [answer.get("item", "") for answer in state["profile"]]
    return {
        "evidence": await closest_answers(
            known, items, query, embeddings_of(settings), settings.top_k, threshold
        )
    }


async def rag(state: State, runtime: Runtime[Settings]) -> Output:
    """Answer in one call from the retrieved answers alone."""
    entries = [
        f"- (similarity {found['similarity']:.2f}) {found['line']}" for found in state["evidence"]
    ]
    reply = await ask_question(
        "rag", state, settings_of(runtime), evidence="\n".join(entries) or "- none"
    )
    return make_output(reply, "direct")


def build(name: str = "rag") -> Graph:
    """Build the graph. No key and no client is needed until it runs."""
    return chain_nodes(name, retrieve=retrieve, rag=rag)


graph = build()
