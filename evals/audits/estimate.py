"""Estimates what an audit would take, without one call: stories, and what is asked about them."""

from pathlib import Path

from baselines.method import Person
from evals.audits.ask_model import recall_question
from evals.audits.story_source import VERIFY, StorySource, call_store_path
from evals.costs.estimate import NUMBER, REPLY
from evals.costs.prices import Tokens
from evals.costs.spending import CostLine
from evals.costs.stored_calls import StoredCalls
from evals.formats import CALLS
from evals.harness.experiment import Experiment
from evals.harness.models import chat_identity, graph_rules
from evals.store.cached_chat import name_for_limits
from evals.store.rate_limits import CHARACTERS_PER_TOKEN
from graph.llm.reply_check import REPAIR, STORY
from graph.request_parameters import limit_and_parameters
from prompts import render
from survey.profile import profile_text

RECALL = "audit/recall"
RULING = 30
"""Tokens assumed of a verifier's ruling on one point, with the words that it quotes."""


def estimate_audit(source: StorySource, folder: Path) -> list[CostLine]:
    """Return a line for each template that an audit may still ask with, at least and at most.

    `folder`: its directory, whose call store holds what was asked before. Raises StoreError or
    sqlite3.Error where that cannot be read.
    """
    experiment = source.plan.experiment
    told_in = call_store_path(source.audit.run) if source.audit.run else folder / CALLS
    with (
        StoredCalls(experiment.calls or folder / CALLS, experiment) as kept,
        StoredCalls(told_in, experiment) as stories,
    ):
        counts = _AuditCounts(source, kept, stories)
        for respondent in source.plan.drawn:
            for fold in source.plan.folds:
                counts.add_person(source.plan.person(respondent, fold))
    return counts.lines


class _AuditCounts:
    """Counts calls and tokens by template, person by person."""

    def __init__(self, source: StorySource, kept: StoredCalls, stories: StoredCalls) -> None:
        self._source, self._kept, self._stories = source, kept, stories
        self._rules = graph_rules(source.plan.experiment)
        self._found: dict[str, tuple[Tokens, Tokens]] = {}

    @property
    def lines(self) -> list[CostLine]:
        """A line for each template of which a call may be made."""
        lines = []
        for template, (low, high) in self._found.items():
            if high.calls:
                lines.append(CostLine("audit", template, low, high))
        return lines

    def add_person(self, person: Person) -> None:
        """Count what one person's story takes."""
        audit, facts = self._source.audit, profile_text(person.profile)
        story = self._known_story(person, facts)
        text = "x" * len(facts) if story is None else story
        stages = 2 if audit.repair else 1
        if audit.repair:
            prompt = self._render(REPAIR, backstory=text, facts=facts)
            self._add(REPAIR, prompt, len(text + facts) // CHARACTERS_PER_TOKEN, sure=False)
        for stage in range(stages):
            if audit.verify:
                prompt = self._render(VERIFY, backstory=text, facts=facts, points=facts)
                self._add(VERIFY, prompt, RULING * len(person.profile), sure=False)
            if audit.recall:
                self._add_recall(person, text, sure=not stage)

    def _known_story(self, person: Person, facts: str) -> str | None:
        """Return the story where it is told already; else count the call that tells it."""
        if self._source.audit.stories:
            return self._source.texts[person.respondent]
        prompt = self._render(STORY, profile=facts)
        told = self._stories.reply(STORY, prompt)
        if told is None and not self._source.audit.run and person.profile:
            self._add(STORY, prompt, len(facts) // CHARACTERS_PER_TOKEN, sure=True)
        return told

    def _add_recall(self, person: Person, story: str, sure: bool) -> None:
        """Count one call a fact, but for those that are kept."""
        for answer in person.profile:
            prompt = self._render(RECALL, backstory=story, question=recall_question(answer))
            if self._kept.reply(RECALL, prompt) is None:
                self._add(RECALL, prompt, REPLY, sure, NUMBER)

    def _render(self, template: str, **values: str) -> str:
        """Fill a template as the audit does."""
        return render(template, self._rules.prompts, self._rules.order, **values)

    def _add(
        self, template: str, prompt: str, reply: int, sure: bool, least: int | None = None
    ) -> None:
        """Count one call with a reply of so many tokens; `sure`: it is made in any case."""
        limit = self._limit(template, len(prompt))
        most = reply if limit is None else min(reply, limit)
        asked = len(prompt) // CHARACTERS_PER_TOKEN
        high = Tokens(1, asked, 0, most)
        low = Tokens(1, asked, 0, most if least is None else min(least, most)) if sure else Tokens()
        before = self._found.get(template, (Tokens(), Tokens()))
        self._found[template] = (before[0] + low, before[1] + high)

    def _limit(self, template: str, characters: int) -> int | None:
        """Return the limit on the reply to a prompt of this length; None where none is sent."""
        verifier = self._source.verifier if template == VERIFY else None
        experiment: Experiment = verifier or self._source.plan.experiment
        name = name_for_limits(chat_identity(experiment))
        return limit_and_parameters(experiment, template, characters, name)[0]
