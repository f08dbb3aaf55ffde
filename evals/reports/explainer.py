"""Answers explained: a run's graphs run again on its stored replies; no model is asked."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from baselines.method import Case, Person
from evals import interrupts
from evals.analysis.leaks import LeakDetector
from evals.harness.errors import ExperimentError
from evals.harness.methods import GraphMethod, draw_settings, graphs_of_experiment
from evals.harness.plan import Plan
from evals.render.labels import title_of
from evals.reports import replay
from evals.reports.explanation import ExplainedMethod, ExplainedView, Explanation
from evals.reports.sources import RunDirectory
from evals.runner.preflight import make_plan, read_people
from graph.llm.errors import CallFailedError, PendingReplyError
from graph.nodes.coordinator import LABELS
from graph.settings import Settings
from survey.profile import options_of, statement_of

CLOSEST = 5
CLOSEST_RULE = (
    f"The {CLOSEST} known answers whose questions share most words with this one (cosine of "
    "weighted words)."
)
NO_REPLY = (
    "The call store does not hold its replies, so it cannot be gone through again; nothing was "
    "asked."
)


class Explainer:
    """Explains answers of one run from its call store; no model is asked.

    `prompts`: the prompts that were gone through, by the key of their reply in the call store.
    Raises ExperimentError, one line, where survey file or call store are not as the run had them.
    """

    def __init__(self, run: RunDirectory) -> None:
        survey = read_people(run.experiment)
        self.prompts: dict[str, str] = {}
        self._run, self._codebook = run, survey.codebook
        if survey.sha256 != run.provenance.get("decides", {}).get("data"):
            raise ExperimentError(f"{run.name}: {survey.source} is not the file that the run read")
        self._plan: Plan = make_plan(run.experiment, survey)
        self._alike = LeakDetector(survey, survey.codebook).similarity

    def explain(self, cases: Iterable[tuple[int, str]]) -> list[Explanation]:
        """Explain answers, by respondent and item.

        Raises ExperimentError, one line, for one that the run does not have.
        """
        found = [self._case(respondent, item) for respondent, item in cases]
        if self._run.calls is None:
            raise ExperimentError(f"{self._run.name}: its call store is not there")
        try:
            return interrupts.run_interruptible(lambda: self._explain(found))
        except sqlite3.Error as error:
            raise ExperimentError(
                f"{self._run.name}: its call store cannot be read ({error})"
            ) from None

    def _case(self, respondent: int, item: str) -> Case:
        """One question to one person, as the run asked it. Raises ExperimentError, one line."""
        before = f"--explain {respondent} {item}"
        folds = [fold for fold in self._plan.folds if item in fold.held_out]
        if not folds:
            raise ExperimentError(f"{before}: {item} was not held out in {self._run.name}")
        if respondent not in self._plan.drawn:
            raise ExperimentError(
                f"{before}: respondent {respondent} was not drawn in {self._run.name}"
            )
        person = self._plan.person(respondent, folds[0])
        for case in self._plan.cases(person, folds[0]):
            if case.item.id == item:
                return case
        raise ExperimentError(f"{before}: it was not asked, or not answered, there")

    async def _explain(self, cases: Sequence[Case]) -> list[Explanation]:
        """Go through these cases with every method of the run."""
        assert self._run.calls is not None
        store = replay.open_stored_calls(self._run.calls)
        found = []
        try:
            settings = replay.replay_settings(self._run.experiment, store, self.prompts)
            methods = graphs_of_experiment(self._run.experiment, settings)
            for case in cases:
                told = [await self._explain_method(case, each, settings) for each in methods]
                found.append(self._explanation(case, told))
        finally:
            store.close()
        return found

    def _explanation(self, case: Case, told: Sequence[ExplainedMethod]) -> Explanation:
        """The explanation of a case, with what its methods made of it."""
        person, item = case.person, case.item
        answered = item.id in person.answers
        return Explanation(
            run=self._run.name,
            respondent=person.respondent,
            country=self._codebook.country_of.get(person.country, person.country),
            item=item.id,
            fold=person.fold,
            question=item.question,
            options=[f"{option.code}: {option.label}" for option in item.options],
            truth=answer_text(case, person.answers[item.id]) if answered else "not answered",
            answered=answered,
            closest=self._closest(person, item.id),
            told=told,
        )

    def _closest(self, person: Person, item: str) -> list[str]:
        """The known answers whose questions are worded most like this one, closest first."""
        known = {answer["item"]: answer for answer in person.profile if "item" in answer}
        similarity = self._alike[item].reindex(list(known))
        closest = similarity.sort_values(ascending=False, kind="stable").head(CLOSEST)
        return [f"{name}: {statement_of(known[str(name)])}" for name in closest.index]

    async def _explain_method(
        self, case: Case, method: GraphMethod, settings: Settings
    ) -> ExplainedMethod:
        """How one method came to its answer."""
        title = title_of(method.graph, method.variant)
        try:
            draws = await self._draws(case, method, settings)
            if len(draws) == 1:
                return _of_one_draw(title, case, draws[0])
            predicted = (await method.answer(case)).predicted
        except (PendingReplyError, CallFailedError):
            return ExplainedMethod(title, missing=NO_REPLY)
        views = [_view(f"Draw {number}", case, draw) for number, draw in enumerate(draws, 1)]
        return _explained(title, case, draws[0] | {"code": predicted}, "plurality", views)

    async def _draws(
        self, case: Case, method: GraphMethod, settings: Settings
    ) -> list[dict[str, Any]]:
        """What the graph returns for each draw. Raises PendingReplyError or CallFailedError."""
        question = {
            "profile": list(case.person.profile),
            "question": case.item.question,
            "options": options_of(case.item),
        }
        draws = []
        for draw in range(self._run.experiment.votes):
            draws.append(await method.run_graph(question, draw_settings(settings, draw)))
        return draws


def _of_one_draw(title: str, case: Case, draw: dict[str, Any]) -> ExplainedMethod:
    """A method's way to an answer that was drawn once: its perspectives, and who decided."""
    perspectives = draw.get("perspectives", {})
    views = []
    for name, label in LABELS.items():
        if name in perspectives:
            views.append(_view(f"{label} perspective", case, perspectives[name]))
    if draw["decided_by"] in {"coordinator", "direct"}:
        views.append(_view("Coordinator" if views else "Reply", case, draw))
    return _explained(title, case, draw, draw["decided_by"], views)


def _explained(
    title: str, case: Case, draw: dict[str, Any], decided_by: str, views: Sequence[ExplainedView]
) -> ExplainedMethod:
    """A method's way to its answer, from what its graph returned."""
    code, evidence = draw["code"], draw.get("evidence", ())
    return ExplainedMethod(
        title=title,
        answer=answer_text(case, code),
        right=code is not None and code == case.person.answers.get(case.item.id),
        decided_by=decided_by,
        story=draw.get("backstory", ""),
        evidence=[f"{each['similarity']:.2f}  {each['line']}" for each in evidence],
        views=views,
    )


def _view(name: str, case: Case, reply: Any) -> ExplainedView:
    """One reply: its answer, or why it could not be read, and its reasoning."""
    answer = answer_text(case, reply["code"])
    if reply["problem"]:
        answer = f"could not be read: {reply['problem']}"
    return ExplainedView(name, answer, reply["analysis"] or reply["raw"])


def answer_text(case: Case, code: int | None) -> str:
    """Write an answer with its label; one that is no option as its number alone."""
    if code is None:
        return "none"
    option = case.item.by_code.get(code)
    return f"{code}: {option.label}" if option else str(code)
