"""What flows through the chat graph: messages, whose person it is, and what became of the last
message.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired

from langchain_core.messages import (
    AnyMessage,
    BaseMessage,
    HumanMessage,
    RemoveMessage,
    convert_to_messages,
)
from langgraph.channels import EphemeralValue
from langgraph.graph.message import add_messages
from pydantic import Field
from typing_extensions import TypedDict

from graph.conversation.history import text_of
from graph.state import DEGREES, PERSON, DecidedBy, StoryUpdate
from graph.validation import MESSAGE, TEXT, InvalidInputError, validate_length, validate_profile
from survey.profile import Answer, Option


def receive_messages(old: Any, new: Any) -> Any:
    """Add messages to a thread: of a user's, the text alone.

    Raises TooMuch for a message that is too long, Malformed for what is none. A reducer does, and
    no node, so that nothing is stored: the thread stays as it was, and goes on with the next
    message.
    """
    try:
        messages = convert_to_messages(new if isinstance(new, list | tuple) else [new])
    except (NotImplementedError, ValueError) as error:
        raise InvalidInputError(f"messages: {str(error).splitlines()[0]}") from None
    held: Any = [_held(message) for message in messages]
    if len(held) == 1 and _said_again(held[0], old or []):
        held = [held[0].model_copy(update={"id": None})]  # it gets one of its own
    return add_messages(old, held)


def _said_again(message: BaseMessage, old: Sequence[BaseMessage]) -> bool:
    """Whether a client that numbers its messages anew says something under the id of a message
    answered before.
    """
    return isinstance(message, HumanMessage) and message.id in {
        one.id for one in old[:-1] if one.id
    }


def _held(message: BaseMessage) -> BaseMessage:
    """A message of permitted length; a picture or a file is not kept, since nobody reads it."""
    if isinstance(message, RemoveMessage):
        return message
    text = text_of(message)
    if not isinstance(message, HumanMessage):
        validate_length("message", text, TEXT)
        return message
    validate_length("message", text, MESSAGE)
    return message if message.content == text else message.model_copy(update={"content": text})


def replace_profile(old: list[Answer], new: list[Answer] | None) -> list[Answer]:
    """The profile that is handed in, in place of the one before; none given, it stays. Raises
    TooMuch or Malformed.
    """
    if new is None:
        return old
    if not isinstance(new, list):
        raise InvalidInputError("profile: not a list of answers")
    validate_profile(new)
    return new


class ChatInput(TypedDict):
    """A message to a simulated person, and who that is."""

    messages: Annotated[
        Sequence[AnyMessage],
        Field(
            description="what is said to the person",
            examples=[[{"role": "user", "content": "How important are friends in your life?"}]],
        ),
        receive_messages,
    ]
    profile: NotRequired[
        Annotated[
            list[Answer],
            Field(
                description="what the person already told; it stays on the thread until another "
                "comes, an empty one "
                "removes it; without one, the settings say who it is",
                examples=[PERSON],
            ),
            replace_profile,
        ]
    ]
    options: NotRequired[
        Annotated[
            list[Option] | None,
            EphemeralValue,
            Field(
                description="what may be answered to this message; left out, options are read from "
                "the message itself",
                examples=[DEGREES],
            ),
        ]
    ]


class Decision(TypedDict):
    """The option that ValueSim chose; `code` None and `label` "" where no answer could be read."""

    code: int | None
    label: str
    decided_by: DecidedBy
    reasons: str


class Turn(TypedDict):
    """What the last message is.

    `text`: what it says. `kind`: sincere (it asks whether one talks to a human being) and silent
    (it holds no text), both answered by `said`, a fixed sentence; closed, a `question` with
    `options`; open, anything else.
    """

    kind: Literal["sincere", "silent", "closed", "open"]
    text: str
    said: str
    question: str
    options: list[Option]


class Draft(TypedDict):
    """A reply before it is sent: which known answers it contradicts, by their places in the
    profile.
    """

    text: str
    corrected: bool
    contradicts: NotRequired[list[int]]
    unread: NotRequired[bool]


class Counts(TypedDict):
    """How often replies on a thread contradicted the profile at first, and what became of them.

    `replies`: that were checked. `contradicted`: before they were sent. `corrected`: and are right
    since. `left`: and still were after one correction. `unchecked`: of which the check could not be
    read.
    """

    replies: int
    contradicted: int
    corrected: int
    left: int
    unchecked: int


class ChatOutput(StoryUpdate):
    """What a chat shows: its messages, the story behind them, and how it went."""

    messages: Annotated[Sequence[AnyMessage], receive_messages]
    turn: NotRequired[Turn]
    decision: NotRequired[Decision | None]
    counts: NotRequired[Counts]


class ChatState(ChatInput, ChatOutput):
    """Everything a chat holds: `person` is the hash of whose person it is, `since` the first
    message said to it.
    """

    person: NotRequired[str]
    since: NotRequired[str]
    draft: NotRequired[Draft]
