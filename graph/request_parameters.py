"""What a chat request carries besides its messages: the longest reply, and parameters of the user's
own.

Each kind of call has a default limit, so that a model that never ends costs minutes and not the
whole time limit. The limits are generous: they are there for replies that run away, not to make
replies short.
"""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BeforeValidator, Field

from graph.variants import PERSPECTIVES

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

AUTO: Literal["auto"] = "auto"
"""In place of a number of tokens: the default limit of each kind of call."""
Kind = Literal["story", "answer", "free", "chat", "audit"]
LIMITS: Mapping[Kind, int] = {
    "story": 500,
    "answer": 1024,
    "free": 1024,
    "chat": 2048,
    "audit": 1024,
}
"""Tokens of the longest reply by kind of call; of a story those beside what its facts ask for."""
CHARACTERS_TOLD_BY_TOKEN = 8
"""A story may have a token for so many characters of its prompt. Complete stories take about half
of that.
"""
THOUGHTS = 8192
"""Tokens more for models that are known to think before they answer."""
THINKS = re.compile(
    r"(?:^|[^a-z])o\d|gpt-5|gpt-oss|deepseek-r1|reason|qwq|qwen3(?!.*instruct)|think|magistral",
    re.IGNORECASE,
)
NODES = (
    "story",
    *PERSPECTIVES,
    "coordinator",
    "direct",
    "full_info",
    "rag",
    "speak",
    "correct",
    "check",
    "recall",
    "repair",
)
"""The calls that may have parameters of their own, by the name of their template."""
OURS = frozenset({"model", "messages", "stream", "n"})
"""Parameters that are set here and by nobody else."""
LENGTH, OTHER_LENGTH = "max_tokens", "max_completion_tokens"
"""The two spellings of the longest reply; here it is always called by the first."""


def _from_json(given: Any) -> Any:
    """An object that a flag or a form gives as text. Raises ValueError where it is no JSON."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given or "{}")
    except ValueError:
        raise ValueError('a JSON object is wanted, such as {"reasoning_effort": "low"}') from None


def _parameters(given: dict[str, Any]) -> dict[str, Any]:
    """Raise ValueError, one line, for parameters that cannot be sent."""
    if taken := sorted(OURS & given.keys()):
        raise ValueError(
            f"{taken[0]} cannot be set here: model, messages, stream and n belong to the program"
        )
    try:
        json.dumps(given, allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError("only what JSON can hold can be sent") from None
    if LENGTH not in given and OTHER_LENGTH not in given:
        return given
    if LENGTH in given and OTHER_LENGTH in given:
        raise ValueError(f"{LENGTH} and {OTHER_LENGTH} are two spellings of one limit: give one")
    others = {name: value for name, value in given.items() if name not in (LENGTH, OTHER_LENGTH)}
    tokens = given.get(LENGTH, given.get(OTHER_LENGTH))
    whole = isinstance(tokens, int) and not isinstance(tokens, bool)
    if tokens is not None and not (whole and tokens >= 1):
        raise ValueError(
            f"{LENGTH} {tokens!r}: a whole number from 1, or null for no limit, is wanted"
        )
    return {LENGTH: tokens} | others


def _by_node(given: dict[str, Any]) -> dict[str, Any]:
    """Raise ValueError, one line, for a node that there is not."""
    if unknown := sorted(given.keys() - set(NODES)):
        raise ValueError(f"no node is called {unknown[0]!r}; there are {', '.join(NODES)}")
    return given


def _plain_limit(tokens: Any) -> Any:
    """The words for no limit and for the default, in whatever case."""
    word = tokens.strip().lower() if isinstance(tokens, str) else tokens
    return None if word in ("none", "") else word


MaxTokens = Annotated[
    Annotated[int, Field(ge=1)] | Literal["auto"] | None, BeforeValidator(_plain_limit)
]
FROM_JSON = BeforeValidator(_from_json)
"""Takes an object as a flag or a form gives it, as text."""
Request = Annotated[dict[str, Any], FROM_JSON, AfterValidator(_parameters)]
RequestByNode = Annotated[dict[str, Request], FROM_JSON, AfterValidator(_by_node)]


class RequestSettings(Protocol):
    """The settings that decide what a request carries."""

    @property
    def max_tokens(self) -> int | Literal["auto"] | None:
        """Tokens of the longest reply; auto: the default of each kind of call; None: no limit is
        sent.
        """

    @property
    def request(self) -> dict[str, Any]:
        """Parameters of every request."""

    @property
    def request_by_node(self) -> dict[str, Any]:
        """Parameters of single nodes, which beat those of every request."""

    @property
    def protocol(self) -> str:
        """Where it is `published` there are no default limits: the released scripts sent none."""


def node_name(template: str) -> str:
    """The node that asks with a template: "predict/rag_published" is asked by rag."""
    return template.rpartition("/")[2].removesuffix("_published")


def call_kind(template: str, free: bool = False) -> Kind:
    """The kind of call that a template makes; `free`: the answer is wanted in words."""
    if node_name(template) in (
        "story",
        "repair",
        "verify",
    ):  # as long as what they are shown asks for
        return "story"
    use = template.partition("/")[0]
    if use == "audit" or use == "chat":
        return use  # type: ignore[return-value]  # mypy does not narrow a str to a Literal
    return "free" if free else "answer"


def default_limit(kind: Kind, characters: int, model: str) -> int:
    """Tokens of the longest reply to a prompt of so many characters, where nothing else is said."""
    told = characters // CHARACTERS_TOLD_BY_TOKEN if kind == "story" else 0
    return LIMITS[kind] + told + (THOUGHTS if THINKS.search(model) else 0)


def limit_and_parameters(
    choice: RequestSettings, template: str, characters: int, model: str | None, free: bool = False
) -> tuple[int | None, dict[str, Any]]:
    """The longest reply in tokens, None for no limit, and what else a request of this template
    carries.

    `model` is the name of a model behind a server that takes a limit; None: only what the user
    chose is sent.
    """
    given = choice.request | choice.request_by_node.get(node_name(template), {})
    if LENGTH in given:
        return given.pop(LENGTH), given
    if choice.max_tokens != AUTO:
        return choice.max_tokens, given
    if model is None or choice.protocol == "published":
        return None, given
    return default_limit(call_kind(template, free), characters, model), given


def call_arguments(
    choice: RequestSettings, template: str, characters: int, model: str | None, free: bool = False
) -> dict[str, Any]:
    """The arguments of a call by which its request carries what it should; they are part of what
    identifies its reply.

    `model` is as in `parameters`; a client of another kind takes the user's parameters as arguments
    of its own.
    """
    tokens, others = limit_and_parameters(choice, template, characters, model, free)
    limit: dict[str, Any] = {} if tokens is None else {LENGTH: tokens}
    if model is None:
        return limit | others
    return limit | ({"extra_body": others} if others else {})


def parameters_for(
    chat: "BaseChatModel",
    choice: RequestSettings,
    template: str,
    characters: int,
    free: bool = False,
) -> dict[str, Any]:
    """As `arguments`, for the model that is called."""
    return call_arguments(choice, template, characters, getattr(chat, "limited_as", None), free)


def deciding_parameters(choice: RequestSettings, model: str) -> dict[str, Any]:
    """What of this decides replies, for the identity of a run; nothing where nothing is sent."""
    found: dict[str, Any] = {}
    if choice.max_tokens != AUTO:
        found = {} if choice.max_tokens is None else {"max_tokens": choice.max_tokens}
    elif choice.protocol != "published" and model != "offline":
        found = {"max_tokens": {kind: default_limit(kind, 0, model) for kind in LIMITS}}
    given = {"request": choice.request, "request_by_node": choice.request_by_node}
    return found | {name: value for name, value in given.items() if value}
