"""Answers gone through again: from survey file, settings and call store to explanations; no model
is asked.
"""

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
from survey.codebook import Codebook
from survey.profile import options_of, statement_of

CLOSEST = 5
RULE = (
    f"The {CLOSEST} known answers whose questions share most words with this one (cosine of "
    f"weighted words)."
)
NO_REPLY = (
    "The call store does not hold its replies, so it cannot be gone through again; nothing was "
    "asked."
)


class Explainer:
    """Goes through answers of one run again, from its call store; no model is asked.

    Raises ExperimentError, one line, where survey file or call store are not as the run had them.
    """

    def __init__(self, run: RunDirectory, codebook: Codebook) -> None:
        self._run, self._codebook = run, codebook
        survey = read_people(run.experiment, codebook)
        if survey.sha256 != run.provenance.get("decides", {}).get("data"):
            raise ExperimentError(f"{run.name}: {survey.source} is not the file that the run read")
        self._plan: Plan = make_plan(run.experiment, survey, codebook)
        self._alike = LeakDetector(survey, codebook).similarity

    def explain(self, cases: Iterable[tuple[int, str]]) -> list[Explanation]:
        """Explain answers, by respondent and item. Raises ExperimentError for one that the run does
        not have.
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
        """One question to one person, as the run asked it."""
        fold = next((fold for fold in self._plan.folds if item in fold.held_out), None)
        if respondent not in self._plan.drawn or fold is None:
            what = f"respondent {respondent} was not drawn" if fold else f"{item} was not held out"
            raise ExperimentError(f"--explain {respondent} {item}: {what} in {self._run.name}")
        person = self._plan.person(respondent, fold)
        asked = next(
            (case for case in self._plan.cases(person, fold) if case.item.id == item), None
        )
        if asked is None:
            raise ExperimentError(
                f"--explain {respondent} {item}: it was not asked, or not answered, there"
            )
        return asked

    async def _explain(self, cases: Sequence[Case]) -> list[Explanation]:
        """Go through these cases with every method of the run."""
        assert self._run.calls is not None
        store = replay.open_stored_calls(self._run.calls)
        try:
            settings = replay.replay_settings(self._run.experiment, store)
            methods = graphs_of_experiment(self._run.experiment, settings)
            return [
                self._whole(case, [await self._told(case, method, settings) for method in methods])
                for case in cases
            ]
        finally:
            store.close()

    def _whole(self, case: Case, told: Sequence[ExplainedMethod]) -> Explanation:
        """What there is to say of a case besides the methods."""
        person, item = case.person, case.item
        return Explanation(
            run=self._run.name,
            respondent=person.respondent,
            country=self._codebook.country_of.get(person.country, person.country),
            item=item.id,
            fold=person.fold,
            question=item.question,
            options=[f"{option.code}: {option.label}" for option in item.options],
            truth=self._words(case, person.answers[item.id])
            if item.id in person.answers
            else "not answered",
            answered=item.id in person.answers,
            closest=self._closest(person, item.id),
            told=told,
        )

    def _closest(self, person: Person, item: str) -> list[str]:
        """The known answers whose questions are worded most like this one, closest first."""
        known = {answer["item"]: answer for answer in person.profile if "item" in answer}
        near = (
            self._alike[item]
            .reindex(list(known))
            .sort_values(ascending=False, kind="stable")
            .head(CLOSEST)
        )
        return [f"{name}: {statement_of(known[str(name)])}" for name in near.index]

    async def _told(self, case: Case, method: GraphMethod, settings: Settings) -> ExplainedMethod:
        """How one method came to its answer."""
        title = title_of(method.graph, method.variant)
        question = {
            "profile": list(case.person.profile),
            "question": case.item.question,
            "options": options_of(case.item),
        }
        votes = self._run.experiment.votes
        try:
            draws = [
                await method.run_graph(question, draw_settings(settings, draw))
                for draw in range(votes)
            ]
            code = draws[0]["code"] if votes == 1 else (await method.answer(case)).predicted
        except (PendingReplyError, CallFailedError):
            return ExplainedMethod(title, missing=NO_REPLY)
        if votes > 1:
            views = [
                self._view(f"Draw {place}", case, found) for place, found in enumerate(draws, 1)
            ]
            return self._of(title, case, code, "plurality", draws[0], views)
        [found] = draws
        views = [
            self._view(f"{label} perspective", case, found["perspectives"][name])
            for name, label in LABELS.items()
            if name in found.get("perspectives", {})
        ]
        if found["decided_by"] in {"coordinator", "direct"}:
            views.append(self._view("Coordinator" if views else "Reply", case, found))
        return self._of(title, case, code, found["decided_by"], found, views)

    def _of(
        self,
        title: str,
        case: Case,
        code: int | None,
        by: str,
        found: dict[str, Any],
        views: Sequence[ExplainedView],
    ) -> ExplainedMethod:
        """A method's way to its answer, from what its graph returned."""
        return ExplainedMethod(
            title=title,
            answer=self._words(case, code),
            right=code is not None and code == case.person.answers.get(case.item.id),
            decided_by=by,
            story=found.get("backstory", ""),
            evidence=[
                f"{each['similarity']:.2f}  {each['line']}" for each in found.get("evidence", ())
            ],
            views=views,
        )

    def _view(self, name: str, case: Case, reply: Any) -> ExplainedView:
        """One reply, in words."""
        problem = f"could not be read: {reply['problem']}" if reply["problem"] else ""
        return ExplainedView(
            name, problem or self._words(case, reply["code"]), reply["analysis"] or reply["raw"]
        )

    def _words(self, case: Case, code: int | None) -> str:
        """An answer with its label."""
        option = case.item.by_code.get(code) if code is not None else None
        return "none" if code is None else f"{code}: {option.label}" if option else str(code)
