"""The first answers of a run, shown as they come: a person, the question, both answers."""

from collections import Counter
from textwrap import shorten

from rich.console import Console

from baselines.method import Row
from evals.harness.method_names import LLM_GRAPHS
from evals.harness.plan import Plan
from evals.render.labels import METHOD_LABELS
from graph.persona.sample import describe_respondent
from survey.survey_names import is_packaged, is_synthetic

LONGEST_QUESTION = 160
MOST_OF_ONE = 2
"""How many answers of one person, and to one question, are shown, so that several are."""


class FirstAnswers:
    """Shows the first answers of the first graph on standard error.

    Those of people in a file of the user's own are shown on a terminal alone: such a file may
    forbid that its rows are passed on, and what is redirected may be.
    """

    def __init__(self, plan: Plan, console: Console) -> None:
        self._plan, self._console = plan, console
        asked = [graph for graph in LLM_GRAPHS if graph in plan.experiment.graph]
        self._graph = asked[0] if asked else ""
        data = plan.experiment.data
        public = is_synthetic(data) or is_packaged(data)
        self._left = plan.experiment.show_answers if public or console.is_terminal else 0
        self._shown: Counter[int | str] = Counter()

    def show(self, row: Row) -> None:
        """Print a row as a sentence, while there are sentences left."""
        if self._left <= 0 or row.graph != self._graph or row.error or row.truth is None:
            return
        if max(self._shown[row.respondent], self._shown[row.item]) >= MOST_OF_ONE:
            return
        self._left -= 1
        self._shown.update([row.respondent, row.item])
        self._console.print(self._sentence(row), soft_wrap=True, markup=False)

    def describe(self, row: Row) -> str:
        """Say who was asked about what."""
        return f"{self._person(row)}, about {self._plan.codebook.items[row.item].topic}"

    def _person(self, row: Row) -> str:
        """Who was asked: the row number, and in brackets what is known."""
        name, _, known = describe_respondent(self._plan.survey, row.respondent).partition(": ")
        return f"{name} ({known})" if known else name

    def _sentence(self, row: Row) -> str:
        """Who answered what, and what the graph says."""
        asked = self._plan.codebook.items[row.item].question
        question = shorten(asked, LONGEST_QUESTION, placeholder=" …")
        said = "a reply that could not be read"
        if row.predicted is not None:
            said = f"“{self._label(row, row.predicted)}”"
        truth, method = self._label(row, row.truth), METHOD_LABELS[row.graph]
        return f"{self._person(row)}: {question} Said “{truth}”; {method} says {said}."

    def _label(self, row: Row, code: int | None) -> str:
        """The label of an answer; the number itself where there is no option."""
        option = self._plan.codebook.items[row.item].by_code.get(code or 0)
        return option.label if option else str(code)
