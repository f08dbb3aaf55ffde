"""A person asked within another graph: what is streamed, kept and traced of it there."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph

from graph.persona.blocking import ask
from graph.persona.persona import Persona
from graph.persona.tool import ask_person_tool
from graph.settings import Settings
from graph.valuesim import build
from tests.graph.fakes import INPUT, PROFILE, FakeChat

Asking = Callable[[Persona], Awaitable[Any]]
OPTIONS = ["Yes", "No"]


async def at_once(ann: Persona) -> None:
    await ann.ask("Do you save?", OPTIONS)


async def freely(ann: Persona) -> None:
    await ann.ask("What do you hope for?")


async def story_alone(ann: Persona) -> None:
    await ann.backstory()


async def step_by_step(ann: Persona) -> None:
    async for _ in ann.stream("Do you save?", OPTIONS):
        pass


async def plainly(ann: Persona) -> None:
    await asyncio.to_thread(ann.ask_sync, "Do you save?", OPTIONS)


async def plainly_at_once(ann: Persona) -> None:
    ann.ask_sync("Do you save?", OPTIONS)


async def by_tool(ann: Persona) -> None:
    await ask_person_tool(ann).ainvoke({"question": "Do you save?", "options": OPTIONS})


async def by_graph(ann: Persona) -> None:
    ask(build(), INPUT, ann.settings)


WAYS: list[Asking] = [at_once, freely, story_alone, step_by_step, plainly, plainly_at_once, by_tool, by_graph]


def outer(asking: Asking, chat: FakeChat) -> Any:
    """A graph of somebody else's with a node that asks, and says so."""
    ann = Persona.from_profile(PROFILE, settings=Settings(chat=chat))

    async def node(state: MessagesState) -> Any:
        await asking(ann)
        return {"messages": [AIMessage("Asked.")]}

    graph = StateGraph(MessagesState)
    graph.add_node("node", node)
    graph.add_edge(START, "node")
    graph.add_edge("node", END)
    return graph.compile(checkpointer=InMemorySaver())


GIVEN: Any = {"messages": [("user", "Go on.")]}
THREAD: Any = {"configurable": {"thread_id": "1"}}


@pytest.mark.parametrize("asking", WAYS)
@pytest.mark.parametrize("subgraphs", [False, True])
def test_the_messages_of_a_graph_are_its_own(asking: Asking, subgraphs: bool) -> None:
    chat = FakeChat()
    graph = outer(asking, chat)

    async def streamed() -> list[str]:
        parts = graph.astream(GIVEN, THREAD, stream_mode=["messages", "updates"], subgraphs=subgraphs)
        return [part[-1][0].text if part[-2] == "messages" else str(list(part[-1])) async for part in parts]

    assert asyncio.run(streamed()) == ["Asked.", "['node']"]
    assert chat.templates.count("story") == 1
    kept = graph.checkpointer.storage["1"]
    assert list(kept) == [""], "no states of an inner graph"


@pytest.mark.parametrize("asking", WAYS)
def test_events_of_a_graph_show_no_call_within(asking: Asking) -> None:
    async def heard() -> set[str]:
        events = outer(asking, FakeChat()).astream_events(GIVEN, THREAD, version="v2")
        return {event["event"] async for event in events if "chat_model" in event["event"]}

    assert asyncio.run(heard()) == set()


class Traces(BaseCallbackHandler):
    """Somebody's own record of the calls of models."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    def on_chat_model_start(self, serialized: Any, messages: Any, *, metadata: Any = None, **kwargs: Any) -> None:
        self.prompts.append(metadata["prompt"])


@pytest.mark.parametrize("asking", WAYS)
def test_a_record_that_was_asked_for_holds_every_call(asking: Asking) -> None:
    traces, chat = Traces(), FakeChat()

    asyncio.run(outer(asking, chat).ainvoke(GIVEN, THREAD | {"callbacks": [traces]}))

    assert sorted(traces.prompts) == [f"predict/{name}" for name in chat.templates]
