"""Fill a prompt, call a model, and check and read its reply, as every node does."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage

from graph.llm.caching import CachingChatModel
from graph.llm.factory import chat_of
from graph.llm.finish_reasons import mark_cut, was_cut
from graph.llm.langchain_internals import ask_unwatched, is_watched
from graph.llm.local.chat import LocalChatModel
from graph.llm.offline import OfflineChatModel
from graph.llm.reply_check import check_reply_to, reasoning_of
from graph.reply import read_integer, read_published, read_reply
from graph.request_parameters import LENGTH, parameters_for
from graph.settings import Settings
from graph.state import Reply, State
from graph.validation import PROMPT, validate_length
from prompts import render, template, template_names
from survey.profile import Option, Protocol, question_text

BARE = {"full_info", "rag", "direct"}
"""Calls that the released scripts ask for a bare number, and read as the first integer."""

for shipped in template_names():
    template(shipped, None)  # read once, at import: an event loop must not wait for files


async def complete(
    name: str,
    settings: Settings,
    chat: BaseChatModel | None = None,
    free: bool = False,
    **values: str,
) -> AIMessage:
    """Fill the template `name`, send it as one user message, and return the reply.

    `free`: the answer is wanted in words. The template's name travels in the call's metadata, where
    traces, the call store and the offline stand-in see it.
    """
    chat = chat or chat_of(settings)
    prompt = await fill(name, settings, **values)
    more = parameters_for(chat, settings, name, len(prompt), free)
    return await _ask(name, chat, prompt, more, _time_limit(chat, settings))


def forget(message: AIMessage, kind: str, settings: Settings) -> None:
    """Make the call store forget a reply that is of no use; `kind` is its error code."""
    chat = chat_of(settings)
    if isinstance(chat, CachingChatModel):
        chat.forget(message, kind)


async def complete_chat(
    name: str, settings: Settings, history: Sequence[BaseMessage], **values: str
) -> AIMessage:
    """Send the filled template as a system message with a conversation behind it, and return the
    next message.
    """
    chat, told = chat_of(settings), (await fill(name, settings, **values)).strip()
    more = parameters_for(chat, settings, name, len(told))
    return await _ask(
        name, chat, [SystemMessage(told), *history], more, _time_limit(chat, settings)
    )


async def _ask(
    name: str,
    chat: BaseChatModel,
    prompt: str | list[BaseMessage],
    more: Mapping[str, Any],
    seconds: float | None,
) -> AIMessage:
    """Ask a model, and check its reply. Raises CallFailedError where that is no reply, and
    TimedOutError where it takes longer than `seconds`.
    """
    calling: Coroutine[Any, Any, AIMessage]
    if isinstance(chat, CachingChatModel) and not is_watched(chat):
        calling = ask_unwatched(chat, prompt, name, **more)
    else:
        calling = chat.ainvoke(prompt, config={"metadata": {"prompt": name}}, **more)
    if seconds is None:
        message = await calling
    else:
        from graph.llm.transport import within  # with it comes the openai package

        async with within(seconds):
            message = await calling
    if not isinstance(chat, CachingChatModel):  # it does so before it keeps a reply
        mark_cut(message, more.get(LENGTH))
    check_reply_to(name, message)
    return message


def _time_limit(chat: BaseChatModel, settings: Settings) -> float | None:
    """Seconds that a whole call may take; None where the model holds a limit of its own.

    A model in this process counts from when a call's turn comes. A model object brings its own
    limit, unless the settings set one.
    """
    named = isinstance(settings.chat, str)
    if isinstance(chat, OfflineChatModel | CachingChatModel):
        return None
    if named and isinstance(chat, LocalChatModel):
        return None
    return settings.timeout if named or "timeout" in settings.model_fields_set else None


async def fill(name: str, settings: Settings, **values: str) -> str:
    """The template `name` as this run uses it, with these values; a directory of one's own is read
    in a thread.

    Raises InputTooLargeError for a text of one's own that is too long.
    """
    await _load_template(name, settings)
    own = settings.own_text(name)
    validate_length(f"prompt {name}", own or "", PROMPT)
    return render(name, settings.prompts, settings.order, own, **values)


async def _load_template(name: str, settings: Settings) -> None:
    """Read a template of the run's own before it is filled, in a thread: an event loop must not
    wait for files.
    """
    if settings.prompts is not None:
        await asyncio.to_thread(template, name, str(settings.prompts))


async def ask_question(
    call: str, state: State, settings: Settings, chat: BaseChatModel | None = None, **values: str
) -> Reply:
    """Ask the state's question with the template of this call, and read the reply as the protocol
    says.
    """
    values["question"] = question_text(state["question"], state["options"])
    await _load_template("predict/answer_format", settings)
    name, form = template_of(call, settings)
    message = await complete(name, settings, chat, False, **values, **form)
    return read_message(call, message, state["options"], settings.protocol)


def read_message(
    call: str, message: AIMessage, options: Sequence[Option], protocol: Protocol
) -> Reply:
    """Read the reply to this call as the protocol says."""
    read = read_reply if protocol == "fair" else read_published
    if asks_bare_number(call, protocol):
        read = read_integer
    reply = read(str(message.text), options, was_cut(message))
    if reply["cause"] == "empty" and reasoning_of(message):
        reply["problem"] = "nothing was said outside the reasoning"
        reply["cause"] = "only_reasoning"
    return reply


def template_of(call: str, settings: Settings) -> tuple[str, dict[str, str]]:
    """The template of this call, and the form of answer that it asks for; none where it asks for a
    bare number.
    """
    if asks_bare_number(call, settings.protocol):
        return f"predict/{call}_published", {}
    return f"predict/{call}", {"answer_format": render("predict/answer_format", settings.prompts)}


def asks_bare_number(call: str, protocol: Protocol) -> bool:
    """Whether the released scripts ask this call for a bare number."""
    return protocol == "published" and call in BARE
