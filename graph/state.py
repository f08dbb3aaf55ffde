"""What flows through the graphs: plain JSON, one reducer."""

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from survey.profile import Answer, Option

DecidedBy = Literal["unanimous", "single", "coordinator", "average", "direct", ""]


class Known(TypedDict):
    """What is known about a person before the first question."""

    profile: Annotated[list[Answer], "what the respondent already told"]


class Input(Known):
    """One question to one person; the same for every graph."""

    question: Annotated[str, "the new question, without its options"]
    options: Annotated[list[Option], "what may be answered, in the order shown; no missing codes"]
    backstory: NotRequired[Annotated[str, "a backstory told before; left out, it is told now"]]
    backstory_of: NotRequired[Annotated[str, "hash of the profile that the backstory tells"]]


class Reply(TypedDict):
    """What one call answered."""

    code: Annotated[int | None, "code of the chosen option; None when no valid option could be read"]
    analysis: Annotated[str, "the reasoning that came with it"]
    raw: Annotated[str, "the reply as the model wrote it"]
    problem: Annotated[str, "why it could not be read; empty when it could"]


Replies = dict[str, Reply]


class Evidence(TypedDict):
    """One known answer that retrieval found close to the question."""

    line: str
    similarity: float


def merge(old: Replies, new: Replies) -> Replies:
    """Join by perspective, so that a second run replaces and never repeats."""
    return old | new


class Story(TypedDict):
    """What the story node adds."""

    backstory: NotRequired[str]
    backstory_of: NotRequired[str]


class Heard(TypedDict):
    """What a perspective adds."""

    perspectives: Annotated[Replies, merge]


class Output(Reply):
    """The answer of any graph, and how it came about."""

    decided_by: DecidedBy
    perspectives: NotRequired[Annotated[Replies, merge]]
    evidence: NotRequired[list[Evidence]]
    backstory: NotRequired[str]
    backstory_of: NotRequired[str]


class State(Input, Output):
    """Everything a graph holds while it runs."""


def decided(reply: Reply, by: DecidedBy) -> Output:
    """A reply as the answer of a graph."""
    return Output(
        code=reply["code"], analysis=reply["analysis"], raw=reply["raw"], problem=reply["problem"], decided_by=by
    )
