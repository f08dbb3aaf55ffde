"""How many model calls a run has still to make, about, and so how long it takes."""

from collections.abc import Mapping

from evals.harness.experiment import Experiment
from evals.harness.method_names import LLM_GRAPHS
from evals.harness.plan import Plan
from graph.variants import PERSPECTIVES

DISAGREE = 0.5
"""Assumed share of questions on which perspectives disagree, so that the coordinator is asked."""


class ExpectedCalls:
    """The calls that missing answers take; answers that cost nothing are none of them.

    `missing`: answers that are to come, by graph; `calls`: how many calls one takes, 1 where it is
    not said.
    """

    def __init__(self, missing: Mapping[str, int], calls: Mapping[str, float]) -> None:
        self._calls = calls
        self._total = sum(count * calls.get(graph, 1) for graph, count in missing.items())
        self._answered = 0.0

    def answer(self, graph: str) -> None:
        """Count an answer that has come."""
        self._answered += self._calls.get(graph, 1)

    def seconds_left(self, replies: int, seconds: float) -> float | None:
        """Return how long the rest takes if it goes on as in these seconds; None at the beginning.

        `replies`: those that came; answers from kept replies count as well.
        """
        done = max(float(replies), self._answered)
        if not done:
            return None
        return max(self._total - done, 1) * seconds / done


def expected_calls(plan: Plan, done: Mapping[str, int]) -> ExpectedCalls:
    """The calls of a run of which so many answers are there, by graph."""
    graphs: list[str] = [graph for graph in plan.experiment.graph if graph in LLM_GRAPHS]
    answers = plan.size(1)
    per_person = answers / max(1, len(plan.drawn) * len(plan.folds))
    missing = {graph: max(0, answers - done.get(graph, 0)) for graph in graphs}
    return ExpectedCalls(missing, calls_per_answer(plan.experiment, per_person))


def calls_per_answer(experiment: Experiment, per_person: float) -> dict[str, float]:
    """How many calls one answer of each graph takes; `per_person`: the questions to one person.

    A story is one call for all questions to a person.
    """
    perspectives = [name for name in PERSPECTIVES if name not in experiment.without]
    calls = 1.0 if "cab" in experiment.without else float(len(perspectives))
    if experiment.asks_coordinator and len(perspectives) > 1:
        calls += 1 if experiment.integrate == "always" else DISAGREE
    calls *= experiment.votes
    if "story" not in experiment.without:
        calls += 1 / max(1.0, per_person)
    found: dict[str, float] = dict.fromkeys(LLM_GRAPHS, experiment.votes)
    return found | {"valuesim": calls}
