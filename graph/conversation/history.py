"""The part of a conversation that the model sees, and the text of its messages."""

import re
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from graph.validation import HISTORY, HISTORY_TEXT

MARKS = re.compile(r"</?\s*(?:story|message|reply)\s*>", re.IGNORECASE)


def text_of(message: BaseMessage) -> str:
    """The text of a message, its blocks one below the other; pictures, files and whatever else is
    left out.
    """
    if isinstance(message.content, str):
        return message.content
    blocks = (block if isinstance(block, str) else block.get("text") for block in message.content)
    return "\n".join(text for text in blocks if isinstance(text, str) and text)


def last_question(messages: Sequence[BaseMessage]) -> BaseMessage:
    """The message that is to be answered. Raises ValueError where the last one is no user's."""
    if not messages or not isinstance(messages[-1], HumanMessage):
        raise ValueError("messages: the last one must be what a user says")
    return messages[-1]


def visible_history(messages: Sequence[BaseMessage], since: str | None) -> list[BaseMessage]:
    """The messages that the model sees: the last ones, within limits, none from before `since`.

    What users and the person said is shown, and nothing else: no system messages, no calls of
    tools. The last message is always there. A `since` that is no longer on the thread leaves the
    last message alone.
    """
    ids = [message.id for message in messages]
    first = 0 if not since else ids.index(since) if since in ids else len(messages) - 1
    kept: list[BaseMessage] = []
    length = 0
    for message in reversed(messages[first:]):
        text = text_of(message)
        if not isinstance(message, HumanMessage | AIMessage) or not text.strip():
            continue
        length += len(text)
        if kept and (length > HISTORY_TEXT or len(kept) > HISTORY):
            break
        kept.append(HumanMessage(text) if isinstance(message, HumanMessage) else AIMessage(text))
    return kept[::-1]


def escape_marks(text: str) -> str:
    """A text that may stand between marks such as <story> and </story>: without such marks of its
    own.
    """
    return MARKS.sub("", text)
