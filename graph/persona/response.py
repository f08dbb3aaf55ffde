"""What a simulated person answered: the views, the evidence, the answer, and that it is a
simulation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graph.llm.offline import NOTICE as OFFLINE
from graph.settings import Settings
from graph.state import Evidence
from survey.profile import Option

NOTICE = "Simulated from what is known of a person; no person said this."


@dataclass(frozen=True)
class PerspectiveView:
    """One perspective's answer: the option's label, or free words; "" with a `problem` where none
    could be read.
    """

    code: int | None
    answer: str
    analysis: str
    problem: str


@dataclass(frozen=True)
class Response:
    """An answer and how it came about.

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

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON."""
        return asdict(self) | {"options": list(self.options), "evidence": list(self.evidence)}


@dataclass(frozen=True)
class Step:
    """One step on the way to an answer: `node` and what it gave.

    evidence: the known answers; story: the backstory; cognitive, affective, behavioral: a View;
    coordinator: the Response, which is the last step.
    """

    node: str
    value: tuple[Evidence, ...] | str | PerspectiveView | Response


def view_of(reply: Mapping[str, Any], options: Sequence[Option]) -> PerspectiveView:
    """One reply of a graph as a view."""
    return PerspectiveView(
        reply.get("code"), _words(reply, options), reply["analysis"], reply["problem"]
    )


def make_response(
    question: str,
    options: Sequence[Option],
    reply: Mapping[str, Any],
    views: Mapping[str, PerspectiveView],
    evidence: Sequence[Evidence],
    backstory: str,
    settings: Settings,
) -> Response:
    """What a graph decided, with all that led to it."""
    decided_by = str(reply.get("decided_by") or ("" if reply["problem"] else "coordinator"))
    found = view_of(reply, options)
    return Response(
        question,
        tuple(options),
        found.code,
        found.answer,
        found.analysis,
        views,
        tuple(evidence),
        backstory,
        decided_by,
        found.problem,
        simulation_notice(settings),
    )


def make_disclosure(question: str, fixed: str, settings: Settings) -> Response:
    """The fixed sentence that says it is a simulation, as an answer that nobody was asked for."""
    return Response(
        question, (), None, fixed, "", {}, (), "", "disclosed", "", simulation_notice(settings)
    )


def simulation_notice(settings: Settings) -> str:
    """That it is a simulation, and whether the stand-in made it."""
    return f"{NOTICE} {OFFLINE.capitalize()}." if settings.chat == "offline" else NOTICE


def _words(reply: Mapping[str, Any], options: Sequence[Option]) -> str:
    """The answer in words."""
    labels = {option["code"]: option["label"] for option in options}
    return str(reply.get("answer", "")) or labels.get(reply.get("code", -1), "")
