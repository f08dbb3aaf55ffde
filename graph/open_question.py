"""Answer a question without options: backstory, three perspectives, and a coordinator."""

from dataclasses import dataclass
from typing import Any, cast

from langchain_core.messages import AIMessage
from langgraph.graph import END, START
from langgraph.runtime import Runtime

from graph.llm.factory import chat_of
from graph.llm.finish_reasons import was_cut
from graph.llm.reply_check import reasoning_of
from graph.nodes.call import complete, fill
from graph.nodes.coordinator import LABELS
from graph.nodes.story import story
from graph.reply import read_free
from graph.settings import Settings, settings_of
from graph.state import (
    Cause,
    DecidedBy,
    FreeReply,
    Output,
    PerspectiveUpdate,
    State,
    commonest_cause,
    make_output,
)
from graph.variants import PERSPECTIVES
from graph.wiring import Graph, new_graph
from survey.profile import single_line

FORM = "chat/open_format"
"""The form of answer that is asked for."""


@dataclass(frozen=True)
class OpenPerspective:
    """Say what the person would say, seen from one perspective."""

    name: str

    async def __call__(self, state: State, runtime: Runtime[Settings]) -> PerspectiveUpdate:
        """Ask once; the reply joins those of the other perspectives."""
        settings = settings_of(runtime)
        asked = {"question": single_line(state["question"]), "backstory": state["backstory"]}
        form = await fill(FORM, settings)
        message = await complete(
            f"predict/{self.name}", settings, None, True, **asked, answer_format=form
        )
        return {"perspectives": {self.name: _read(message)}}


async def open_coordinator(state: State, runtime: Runtime[Settings]) -> Output:
    """Bring the perspectives' answers together; where there are none, make no call."""
    settings = settings_of(runtime)
    replies = {name: cast(FreeReply, state["perspectives"][name]) for name in PERSPECTIVES}
    told = [_paragraph(name, reply) for name, reply in replies.items() if reply["answer"]]
    if not told:
        cause = commonest_cause(reply["cause"] for reply in replies.values())
        return _decided(_nothing(cause), "")
    asked = {"question": single_line(state["question"]), "perspectives": "\n\n".join(told)}
    chat = chat_of(settings, coordinator=True)
    form = await fill(FORM, settings)
    message = await complete(
        "predict/coordinator", settings, chat, True, **asked, answer_format=form
    )
    return _decided(_read(message), "coordinator")


def _paragraph(name: str, reply: FreeReply) -> str:
    """Return one perspective's answer and analysis as the coordinator reads them."""
    answer, analysis = single_line(reply["answer"]), single_line(reply["analysis"])
    return f"{LABELS[name]} perspective\nAnswer: {answer}\nAnalysis: {analysis}"


def build(name: str = "open_question") -> Graph:
    """Build the graph; `options` of its input are empty. No key and no client is needed until it
    runs.
    """
    graph = new_graph()
    add: Any = graph.add_node
    add("story", story)
    graph.add_edge(START, "story")
    for perspective in PERSPECTIVES:
        add(perspective, OpenPerspective(perspective))
        graph.add_edge("story", perspective)
    add("coordinator", open_coordinator)
    graph.add_edge([*PERSPECTIVES], "coordinator")
    graph.add_edge("coordinator", END)
    return graph.compile(name=name)


def _read(message: AIMessage) -> FreeReply:
    """A reply as it was read."""
    text = str(message.text)
    answer, analysis, problem, cause = read_free(text, was_cut(message))
    if cause == "empty" and reasoning_of(message):
        cause = "only_reasoning"
    return FreeReply(
        code=None, answer=answer, analysis=analysis, raw=text, problem=problem, cause=cause
    )


def _nothing(cause: Cause) -> FreeReply:
    """No answer, since nobody said anything."""
    problem = "no perspective could be read"
    return FreeReply(code=None, answer="", analysis="", raw="", problem=problem, cause=cause)


def _decided(reply: FreeReply, by: DecidedBy) -> Output:
    """A reply as the answer of the graph."""
    return Output(answer=reply["answer"], **make_output(reply, by))


graph = build()
