"""The response of a simulated person: the answer, the views, the evidence, and the notice."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graph.llm.offline import NOTICE as OFFLINE
from graph.persona.representation import cut_short
from graph.settings import Settings
from graph.state import Evidence
from survey.profile import Option

NOTICE = "Simulated from what is known of a person; no person said this."


@dataclass(frozen=True)
class PerspectiveView:
    """One perspective's answer: the option's label, or free words.

    "" where no answer could be read, and then `problem` says why.
    """

    code: int | None
    answer: str
    analysis: str
    problem: str


@dataclass(frozen=True, repr=False)
class Response:
    """An answer of a simulated person, and what led to it.

    `code` and `answer`: the chosen option and its label; for a free question None and the words;
    None and "" where no answer could be read, and `problem` says why. `views`: by perspective.
    `evidence`: the known answers closest to the question. `decided_by`: unanimous, single,
    coordinator or average; disclosed where a fixed sentence says what it is. `notice`: that it is a
    simulation.
    """

    question: str
    options: tuple[Option, ...]
    code: int | None
    answer: str
    analysis: str
    views: Mapping[str, PerspectiveView]
    evidence: tuple[Evidence, ...]
    backstory: str
    decided_by: str
    problem: str
    notice: str

    def __repr__(self) -> str:
        """Question and answer on one line; `as_dict` has all of it."""
        answer = self.problem if self.problem else self.answer
        return f"Response({cut_short(self.question)!r} -> {cut_short(answer)!r}, {self.decided_by})"

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return asdict(self) | {"options": list(self.options), "evidence": list(self.evidence)}


@dataclass(frozen=True)
class Step:
    """One step on the way to an answer: the `node` and its `value`.

    evidence: the known answers; story: the backstory; cognitive, affective, behavioral: a
    PerspectiveView; coordinator: the Response, which is the last step.
    """

    node: str
    value: tuple[Evidence, ...] | str | PerspectiveView | Response


def view_of(reply: Mapping[str, Any], options: Sequence[Option]) -> PerspectiveView:
    """One reply of a graph as a view."""
    answer = _answer_in_words(reply, options)
    return PerspectiveView(reply.get("code"), answer, reply["analysis"], reply["problem"])


def make_response(
    question: str,
    options: Sequence[Option],
    reply: Mapping[str, Any],
    views: Mapping[str, PerspectiveView],
    evidence: Sequence[Evidence],
    backstory: str,
    settings: Settings,
) -> Response:
    """Make the response of what a graph decided, with all that led to it."""
    decision = view_of(reply, options)
    default = "" if decision.problem else "coordinator"
    return Response(
        question=question,
        options=tuple(options),
        code=decision.code,
        answer=decision.answer,
        analysis=decision.analysis,
        views=views,
        evidence=tuple(evidence),
        backstory=backstory,
        decided_by=str(reply.get("decided_by") or default),
        problem=decision.problem,
        notice=simulation_notice(settings),
    )


def make_disclosure(question: str, sentence: str, settings: Settings) -> Response:
    """Make the response of a fixed sentence that says it is a simulation, without a model."""
    return Response(
        question=question,
        options=(),
        code=None,
        answer=sentence,
        analysis="",
        views={},
        evidence=(),
        backstory="",
        decided_by="disclosed",
        problem="",
        notice=simulation_notice(settings),
    )


def simulation_notice(settings: Settings) -> str:
    """The sentence that it is a simulation, and whether the stand-in made it."""
    return f"{NOTICE} {OFFLINE.capitalize()}." if settings.chat == "offline" else NOTICE


def _answer_in_words(reply: Mapping[str, Any], options: Sequence[Option]) -> str:
    """The answer in words."""
    labels = {option["code"]: option["label"] for option in options}
    return str(reply.get("answer", "")) or labels.get(reply.get("code", -1), "")
