"""The state of the chat graph: messages, the person's profile, and the work on the last message."""

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

from graph.conversation.history import message_text
from graph.state import DEGREES, PERSON, DecidedBy, StoryUpdate
from graph.validation import MESSAGE, TEXT, InvalidInputError, validate_length, validate_profile
from survey.profile import Answer, Option


def receive_messages(old: Any, new: Any) -> Any:
    """Add messages to a thread; of a user's message, the text alone.

    Raises InputTooLargeError for a message that is too long, InvalidInputError for what is no
    message. As a reducer it refuses before anything is stored: the thread stays as it was, and goes
    on with the next message.
    """
    try:
        messages = convert_to_messages(new if isinstance(new, list | tuple) else [new])
    except (NotImplementedError, ValueError) as error:
        raise InvalidInputError(f"messages: {str(error).splitlines()[0]}") from None
    added: Any = list(map(_validated, messages))
    if len(added) == 1 and _reuses_id(added[0], old or []):
        added = [added[0].model_copy(update={"id": None})]  # LangGraph gives it another one
    return add_messages(old, added)


def _reuses_id(message: BaseMessage, old: Sequence[BaseMessage]) -> bool:
    """Whether a user's message has the id of one answered before; some clients count anew."""
    answered = {one.id for one in old[:-1] if one.id}
    return isinstance(message, HumanMessage) and message.id in answered


def _validated(message: BaseMessage) -> BaseMessage:
    """The message, if it is not too long, without pictures and files, which nobody reads."""
    if isinstance(message, RemoveMessage):
        return message
    text = message_text(message)
    if not isinstance(message, HumanMessage):
        validate_length("message", text, TEXT)
        return message
    validate_length("message", text, MESSAGE)
    return message if message.content == text else message.model_copy(update={"content": text})


def replace_profile(old: list[Answer], new: list[Answer] | None) -> list[Answer]:
    """Replace the profile by the one given; None leaves it.

    Raises InputTooLargeError or InvalidInputError for a profile that cannot be used.
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
                "comes, an empty one removes it; without one, the settings say who it is",
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
    """The last message: its `text` and its `kind`.

    sincere: it asks whether one talks to a human being. silent: it holds no text. Both get the
    fixed sentence `said`. closed: it is a `question` with `options`. open: anything else.
    """

    kind: Literal["sincere", "silent", "closed", "open"]
    text: str
    said: str
    question: str
    options: list[Option]


class Draft(TypedDict):
    """A reply before it is sent.

    `contradicts`: positions, in the profile, of the known answers that it contradicts. `unread`:
    the model's verdict on that could not be read.
    """

    text: str
    corrected: bool
    contradicts: NotRequired[list[int]]
    unread: NotRequired[bool]


class Counts(TypedDict):
    """How many replies on a thread contradicted the profile, and how many were corrected.

    `replies`: checked replies. `contradicted`: those that contradicted the profile at first.
    `corrected`: those of them that no longer did after one correction. `left`: those that still
    did. `unchecked`: replies for which the model's verdict could not be read.
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
    """Everything a chat holds.

    `person`: the hash of the person's profile. `since`: the id of the first message to this person.
    """

    person: NotRequired[str]
    since: NotRequired[str]
    draft: NotRequired[Draft]
