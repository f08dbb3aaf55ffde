"""The interface of every method, graph or reference: prepare on some people, answer for others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from survey.item import Item
from survey.profile import Answer
from survey.respondents import Respondents

UsedCall = tuple[str, int, str]
"""A call whose reply is behind an answer: its name, its draw, its key in the call store."""


@dataclass(frozen=True)
class Person:
    """One respondent in one fold. `respondent` is the 1-based row number in the file.

    `answers` are all valid codes by item, the truth among them: only the harness and the metrics
    look at held-out ones. `profile` are the known answers in the order of the fold, `known` the
    items that they come from, answered or not. `shared` holds work that all cases of this person
    have in common.
    """

    respondent: int
    fold: int
    country: str
    answers: Mapping[str, int]
    profile: tuple[Answer, ...]
    known: tuple[str, ...] = ()
    shared: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Case:
    """One question to one person."""

    person: Person
    item: Item


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of one method, as `predictions.csv` holds it; sorted by its first seven fields.

    `truth` is None where the respondent gave no answer. `probabilities` maps codes to numbers that
    add up to 1: all weight on the code of a read reply, empty where nothing was read. `predicted`
    is their mode; None where there is no single one, and then a readable row is scored in
    expectation. `error` names the kind of a failed call; such a row is not scored. `cause` says in
    a word why a reply could not be read, `message` in the server's words why a call failed, and
    `calls` are the calls whose replies the answer comes from; they are in the ledger, and not in
    `predictions.csv`.
    """

    graph: str
    variant: str
    model: str
    protocol: str
    respondent: int
    fold: int
    item: str
    country: str
    dimension: str
    truth: int | None
    predicted: int | None
    probabilities: Mapping[int, float]
    readable: bool
    error: str
    decided_by: str
    draw: int
    cause: str = ""
    message: str = ""
    calls: tuple[UsedCall, ...] = ()

    @classmethod
    def of(
        cls,
        case: Case,
        *,
        graph: str,
        variant: str,
        model: str,
        protocol: str,
        predicted: int | None,
        probabilities: Mapping[int, float],
        error: str,
        decided_by: str,
        cause: str = "",
        message: str = "",
    ) -> Self:
        """The row of a case; it is readable where there are probabilities."""
        person, item = case.person, case.item
        return cls(
            graph=graph,
            variant=variant,
            model=model,
            protocol=protocol,
            respondent=person.respondent,
            fold=person.fold,
            item=item.id,
            country=person.country,
            dimension=item.dimension,
            truth=person.answers.get(item.id),
            predicted=predicted,
            probabilities=probabilities,
            readable=bool(probabilities),
            error=error,
            decided_by=decided_by,
            draw=0,
            cause=cause,
            message=message,
        )

    @property
    def key(self) -> tuple[str, str, str, str, int, int, str]:
        """What rows are sorted by."""
        return (
            self.graph,
            self.variant,
            self.model,
            self.protocol,
            self.respondent,
            self.fold,
            self.item,
        )


class Method(Protocol):
    """The interface of a method.

    `graph` and `variant` name it. `uses_others`: it sees other people's answers to the item.
    """

    graph: str
    variant: str
    uses_others: bool

    def prepare(self, fitting: Respondents) -> None:
        """Learn from these people, none of whom is asked about."""

    async def answer(self, case: Case) -> Row:
        """Answer one case.

        Raises `CallFailedError` of `graph.llm.errors` for this case alone, `RunAbortedError` for
        the whole run.
        """
