"""RAG: retrieves the known answers closest to the question, then asks the model in one call."""

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
    """What the retrieval adds to the state."""

    evidence: list[Evidence]


async def retrieve(state: State, runtime: Runtime[Settings]) -> RetrievalUpdate:
    """Keep the `top_k` known answers most similar (cosine) to the question and its options."""
    validate_input(state)
    settings = settings_of(runtime)
    query = question_text(state["question"], state["options"])
    threshold = settings.threshold
    if threshold is None and settings.protocol == "published":
        threshold = RELEASED_THRESHOLD
    known = profile_lines(state["profile"], settings.protocol)
    items = [answer.get("item", "") for answer in state["profile"]]
    embeddings = embeddings_of(settings)
    evidence = await closest_answers(known, items, query, embeddings, settings.top_k, threshold)
    return {"evidence": evidence}


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
