"""The part of a conversation that the model sees, and the text of its messages."""

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from graph.validation import HISTORY, HISTORY_TEXT

MARKS = re.compile(r"</?\s*(?:story|message|reply)\s*>", re.IGNORECASE)


def message_text(message: BaseMessage) -> str:
    """The text of a message, its blocks one below the other; pictures and files are left out."""
    if isinstance(message.content, str):
        return message.content
    texts = []
    for block in message.content:
        text = block if isinstance(block, str) else block.get("text")
        if isinstance(text, str) and text:
            texts.append(text)
    return "\n".join(texts)


def last_user_message(messages: Sequence[BaseMessage]) -> BaseMessage:
    """The last message, which the person answers. Raises ValueError where it is no user's."""
    if not messages or not isinstance(messages[-1], HumanMessage):
        raise ValueError("messages: the last one must be what a user says")
    return messages[-1]


def visible_history(messages: Sequence[BaseMessage], since: str | None) -> list[BaseMessage]:
    """The messages that the model sees: the last ones, within limits, from the id `since` on.

    They are what users and the person said, without system messages and calls of tools. The last
    message is always among them. It stands alone where the thread no longer has the message
    `since`.
    """
    kept: list[BaseMessage] = []
    length = 0
    for message in reversed(_messages_since(messages, since)):
        text = message_text(message)
        if not isinstance(message, HumanMessage | AIMessage) or not text.strip():
            continue
        length += len(text)
        if kept and (length > HISTORY_TEXT or len(kept) > HISTORY):
            break
        kept.append(HumanMessage(text) if isinstance(message, HumanMessage) else AIMessage(text))
    return kept[::-1]


def remove_marks(text: str) -> str:
    """The text without the marks, such as <story>, between which a prompt puts it."""
    return MARKS.sub("", text)


def _messages_since(messages: Sequence[BaseMessage], since: str | None) -> Sequence[BaseMessage]:
    """The messages from the one with this id on; all without an id, the last where it is gone."""
    if not since:
        return messages
    ids = [message.id for message in messages]
    first = ids.index(since) if since in ids else len(messages) - 1
    return messages[first:]
