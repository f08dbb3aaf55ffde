"""What flows through the graphs: plain JSON, one reducer."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from survey.profile import Answer, Option, profile_hash

DecidedBy = Literal["unanimous", "single", "coordinator", "average", "direct", ""]

Cause = Literal[
    "",
    "cut_off",
    "empty",
    "only_reasoning",
    "no_answer",
    "several_answers",
    "contradiction",
    "out_of_range",
]
"""Why no option could be read from a reply: one word, to be counted."""

DEGREES = [
    Option(code=1, label="Very important"),
    Option(code=2, label="Rather"),
    Option(code=3, label="Not at all"),
]
PERSON = [
    Answer(question="How important is family in your life?", options=DEGREES, code=1),
    Answer(question="How important is work in your life?", options=DEGREES, code=2),
    Answer(question="How important is politics in your life?", options=DEGREES, code=3),
]
"""A person for the examples that the forms of Studio and the schemas of tools show; they run as
they stand.
"""


class Known(TypedDict):
    """What is known about a person before the first question."""

    profile: Annotated[
        list[Answer],
        Field(
            description="what the person already told: question, options, and the code chosen",
            examples=[PERSON],
        ),
    ]


class Input(Known):
    """One question to one person; the same for every graph."""

    question: Annotated[
        str,
        Field(
            description="the new question, without its options",
            examples=["How important are friends in your life?"],
        ),
    ]
    options: Annotated[
        list[Option],
        Field(
            description="what may be answered, in the order shown; no missing codes",
            examples=[DEGREES],
        ),
    ]
    backstory: NotRequired[
        Annotated[
            str,
            Field(
                description="a backstory told before; left out, it is told now",
                examples=[
                    "You live for your family. You work because one has to, and politics leaves "
                    "you cold."
                ],
            ),
        ]
    ]
    backstory_of: NotRequired[
        Annotated[
            str,
            Field(
                description="hash of the profile that the backstory tells; left out, it is taken "
                "at its word",
                examples=[profile_hash(PERSON)],
            ),
        ]
    ]


class Reply(TypedDict):
    """What one call answered."""

    code: Annotated[
        int | None, "code of the chosen option; None when no valid option could be read"
    ]
    analysis: Annotated[str, "the reasoning that came with it"]
    raw: Annotated[str, "the reply as the model wrote it"]
    problem: Annotated[str, "why it could not be read; empty when it could"]
    cause: Annotated[Cause, "the same in one word"]


class FreeReply(Reply):
    """What one call answered to a free question; its code is None."""

    answer: Annotated[str, "the answer in words; empty when nothing was said"]


Replies = dict[str, Reply]


class Evidence(TypedDict):
    """One known answer that retrieval found close to the question."""

    line: str
    similarity: float


def merge_replies(old: Replies, new: Replies) -> Replies:
    """Join by perspective, so that a second run replaces and never repeats."""
    return old | new


class StoryUpdate(TypedDict):
    """What the story node adds."""

    backstory: NotRequired[str]
    backstory_of: NotRequired[str]


class PerspectiveUpdate(TypedDict):
    """What a perspective adds."""

    perspectives: Annotated[Replies, merge_replies]


class Output(Reply):
    """The answer of any graph, and how it came about."""

    decided_by: DecidedBy
    answer: NotRequired[Annotated[str, "the answer in words, to a question without options"]]
    perspectives: NotRequired[Annotated[Replies, merge_replies]]
    evidence: NotRequired[list[Evidence]]
    backstory: NotRequired[str]
    backstory_of: NotRequired[str]


class State(Input, Output):
    """Everything a graph holds while it runs."""


def commonest_cause(causes: Iterable[Cause]) -> Cause:
    """The cause that most unread replies have, the first of those that are equal; none where all
    were read.
    """
    counted = Counter(cause for cause in causes if cause)
    return counted.most_common(1)[0][0] if counted else ""


def make_output(reply: Reply, by: DecidedBy) -> Output:
    """A reply as the answer of a graph."""
    return Output(
        code=reply["code"],
        analysis=reply["analysis"],
        raw=reply["raw"],
        problem=reply["problem"],
        cause=reply["cause"],
        decided_by=by,
    )
