"""Isolates the work of a person from a graph that runs around it.

LangChain hands a graph's config down to whatever runs within it. A simulated person that a node or
a tool asks would so become part of that graph: its backstory a message of the agent, its states in
the agent's store.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextvars import Context, copy_context
from typing import Any, TypeVar

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.runnables import RunnableConfig

from graph.llm.langchain_internals import is_stream_handler, surrounding_config

T = TypeVar("T")


def isolated_context() -> Context:
    """A copy of this context without the graph around it; the user's own callbacks stay."""
    context = copy_context()
    around = surrounding_config.get()
    if around is not None:
        context.run(surrounding_config.set, _traces(around))
    return context


async def run_isolated(work: Coroutine[Any, Any, T]) -> T:
    """Do the work in isolation and return its result; it is cancelled with the caller."""
    return await asyncio.create_task(work, context=isolated_context())


async def stream_isolated(steps: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """The steps as they come, each of them made in isolation."""
    context, ended = isolated_context(), object()

    async def following() -> T | object:
        return await anext(steps, ended)

    try:
        while (step := await asyncio.create_task(following(), context=context)) is not ended:
            yield step  # type: ignore[misc]  # anything but `ended` is a step
    finally:
        await asyncio.create_task(steps.aclose(), context=context)


def _traces(config: RunnableConfig) -> RunnableConfig | None:
    """The config with those callbacks alone that stream nothing; None where there are none."""
    callbacks = config.get("callbacks")
    if isinstance(callbacks, BaseCallbackManager):
        kept = callbacks.copy()
        for handler in {
            id(one): one for one in (*kept.handlers, *kept.inheritable_handlers)
        }.values():
            if is_stream_handler(handler):
                kept.remove_handler(handler)
        return {"callbacks": kept} if kept.handlers or kept.inheritable_handlers else None
    listed = [handler for handler in callbacks or [] if not is_stream_handler(handler)]
    return {"callbacks": listed} if listed else None
