"""The history of a conversation, read from its thread."""

from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from graph.conversation.history import message_text
from graph.serve.pages.error_messages import error_message
from graph.serve.pages.visit import Visit
from survey.profile import Answer


@dataclass(frozen=True)
class ThreadMessage:
    """One message. `note`: the option that it keeps, and whether it was corrected at first."""

    from_visitor: bool
    text: str
    note: str = ""

    @classmethod
    def of(cls, message: BaseMessage) -> "ThreadMessage":
        """A message of a thread."""
        marks = message.additional_kwargs
        notes = []
        if marks.get("label"):
            notes.append(f"Chosen option: {marks['label']}.")
        if marks.get("corrected"):
            notes.append("Corrected before it was sent: it contradicted what is known.")
        return cls(isinstance(message, HumanMessage), message_text(message), " ".join(notes))


@dataclass(frozen=True)
class ThreadHistory:
    """The messages of a thread, its last person's profile and name, or why it cannot be read."""

    messages: tuple[ThreadMessage, ...] = ()
    profile: tuple[Answer, ...] = ()
    name: str = ""
    error: str = ""


async def read_thread_history(visit: Visit) -> ThreadHistory:
    """Read what was said in this conversation so far."""
    try:
        found = await visit.site.chat.aget_state({"configurable": {"thread_id": visit.thread}})
    except Exception as error:  # a store of threads may raise anything: the page shows one line
        return ThreadHistory(error=error_message(error, visit.site.settings))
    messages = [
        one for one in found.values.get("messages", []) if isinstance(one, HumanMessage | AIMessage)
    ]
    return ThreadHistory(
        tuple(map(ThreadMessage.of, messages)),
        tuple(found.values.get("profile", ())),
        str((found.metadata or {}).get("person", "")),
    )
