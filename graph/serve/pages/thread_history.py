"""What a conversation holds already, as its thread tells it."""

from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from graph.conversation.history import message_text
from graph.serve.pages.error_messages import error_message
from graph.serve.pages.visit import Visit
from survey.profile import Answer


@dataclass(frozen=True)
class ThreadMessage:
    """One message: whether the visitor's, its words, and what became of it before it was sent."""

    mine: bool
    words: str
    note: str = ""

    @classmethod
    def of(cls, message: BaseMessage) -> "ThreadMessage":
        """A message of a thread."""
        marks = message.additional_kwargs
        notes = [f"Chosen option: {marks['label']}."] if marks.get("label") else []
        notes += (
            ["Corrected before it was sent: it contradicted what is known."]
            if marks.get("corrected")
            else []
        )
        return cls(isinstance(message, HumanMessage), message_text(message), " ".join(notes))


@dataclass(frozen=True)
class ThreadHistory:
    """What a thread holds: what was said, whom it was about last, and why it cannot be read."""

    said: tuple[ThreadMessage, ...] = ()
    profile: tuple[Answer, ...] = ()
    name: str = ""
    trouble: str = ""


async def read_thread_history(visit: Visit) -> ThreadHistory:
    """What was said in this conversation so far."""
    try:
        found = await visit.site.chat.aget_state({"configurable": {"thread_id": visit.thread}})
    except (
        Exception
    ) as error:  # the edge of the page: whatever the store of threads raises is told in one line
        return ThreadHistory(trouble=error_message(error, visit.site.settings))
    messages = [
        one for one in found.values.get("messages", []) if isinstance(one, HumanMessage | AIMessage)
    ]
    return ThreadHistory(
        tuple(map(ThreadMessage.of, messages)),
        tuple(found.values.get("profile", ())),
        str((found.metadata or {}).get("person", "")),
    )
