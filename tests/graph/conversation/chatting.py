"""A conversation with the chat graph: what is said to it, what it says, and what the model was shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage
from langgraph.checkpoint.memory import InMemorySaver

from graph.chat import build
from graph.conversation.settings import ChatSettings
from graph.persona.blocking import run_sync
from tests.server import Server

WRITER, MENDER, CHECKER, LENS = "writer of background stories", "You mend one reply", "You check whether", " lens: "


def person(
    reply: Callable[[str], str] | str = "I see.",
    *,
    choice: str = "Answer: 2\nAnalysis: kin first",
    mended: str = "",
    checked: str = "Contradicted: none",
) -> Callable[[str], str]:
    """Answers of a model: a story of the facts, a choice from every perspective, a reply to whatever else is said."""

    def answer(prompt: str) -> str:
        if WRITER in prompt:
            return " ".join(line[2:] for line in prompt.splitlines() if line.startswith("- "))
        if LENS in prompt:
            return choice
        if prompt.startswith(MENDER):
            return mended
        if prompt.startswith(CHECKER):
            return checked
        return reply(prompt) if callable(reply) else reply

    return answer


@dataclass
class Talk:
    """One thread of a chat graph in memory, whose model is this server, or the stand-in without one."""

    server: Server | None = None
    choices: dict[str, Any] = field(default_factory=dict)
    saver: Any = field(default_factory=InMemorySaver)
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> ChatSettings:
        served = {"chat": "openai:m", "base_url": self.server.url} if self.server else {}
        return ChatSettings(**{**served, **self.choices})

    def answering(self, *args: Any, **said: Any) -> "Talk":
        """Let the model answer as `person` says."""
        assert self.server is not None
        self.server.answer = person(*args, **said)
        return self

    def say(self, *said: Any, **given: Any) -> BaseMessage:
        """Say one thing after the other on the thread, and return the last reply; `given` goes with the first."""

        async def talk() -> None:
            graph = build(self.saver)
            for place, text in enumerate(said):
                message = {"messages": [("user", text) if isinstance(text, str) else text]}
                self.state = await graph.ainvoke(
                    message | (given if place == 0 else {}),
                    {"configurable": {"thread_id": "1"}},
                    context=self.settings,
                )

        run_sync(talk())
        reply: BaseMessage = self.state["messages"][-1]
        return reply

    @property
    def texts(self) -> list[str]:
        """Everything that was said, by both sides."""
        return [str(message.text) for message in self.state["messages"]]

    @property
    def spoken(self) -> list[list[dict[str, str]]]:
        """What the model was shown each time it spoke as the person: the system message, then the conversation."""
        assert self.server is not None
        bodies = [body["messages"] for _, _, body in self.server.requests]
        return [messages for messages in bodies if messages[0]["role"] == "system"]

    def asked(self, beginning: str) -> Sequence[str]:
        """The prompts in which these words stand."""
        assert self.server is not None
        return [prompt for prompt in self.server.prompts if beginning in prompt]
