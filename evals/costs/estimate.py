"""What a run would take, worked out without one call: calls, tokens and time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from baselines.full_info import known_text
from baselines.method import Case, Person
from evals.costs.prices import Tokens
from evals.costs.spending import CostLine
from evals.costs.stored_calls import StoredCalls
from evals.harness.experiment import LLM_GRAPHS
from evals.harness.models import chat_identity, graph_rules
from evals.harness.plan import Key, Plan
from evals.store.budget import EMBEDDINGS
from evals.store.cached_chat import name_for_limits
from evals.store.rate_limits import CHARACTERS_PER_TOKEN
from graph.llm.reply_check import STORY
from graph.nodes.call import template_of
from graph.request_parameters import limit_and_parameters
from graph.variants import PERSPECTIVES
from prompts import render
from survey.profile import options_of, profile_lines, profile_text, question_text

REPLY, NUMBER = 80, 3
"""Tokens assumed of an answer with its analysis, and of a bare number."""
CACHED_FROM, CACHED_BY = 1024, 128
"""OpenAI caches what prompts begin with from so many tokens on, in steps."""
SECONDS, TOKENS_A_SECOND = 1.0, 60
"""Assumed of a call: how long it takes to begin its reply, and how fast it writes."""
MARK = "\0"
"""Stands for the question where prompts to one person are measured."""


@dataclass(frozen=True)
class Longest:
    """The longest prompt of a node: its characters, and the limit in tokens on its reply.

    `sure`: the characters were counted; else the prompt holds a story that is not told yet.
    """

    node: str
    characters: int
    limit: int | None
    sure: bool


class CostEstimate:
    """The calls that a run still has to make, counted person by person; `done` are the keys in its
    ledger.
    """

    def __init__(self, plan: Plan, done: Collection[Key], kept: StoredCalls) -> None:
        self._plan, self._done, self._kept = plan, done, kept
        self._settings = graph_rules(plan.experiment)
        self._limited_as = name_for_limits(chat_identity(plan.experiment))
        self.longest: dict[str, Longest] = {}
        self._found: dict[tuple[str, str], tuple[Tokens, Tokens]] = {}
        self._texts: set[str] = set()
        self._questions: dict[str, str] = {}
        self._seen: set[int] = set()
        self.answers: dict[str, int] = {}
        for respondent in plan.drawn:
            for fold in plan.folds:
                person = plan.person(respondent, fold)
                self._count(person, plan.cases(person, fold))
        self._embed()

    @cached_property
    def lines(self) -> list[CostLine]:
        """A line for each node that is to be asked."""
        found = [
            CostLine(graph, node, low, high)
            for (graph, node), (low, high) in self._found.items()
            if high.calls
        ]
        return sorted(found, key=lambda line: LLM_GRAPHS.index(line.graph))

    def seconds(self) -> tuple[float, float]:
        """How long it takes, at least and at most, by concurrency and limits."""
        return self._seconds([line.low for line in self._chat]), self._seconds(
            [line.high for line in self._chat]
        )

    @cached_property
    def _chat(self) -> list[CostLine]:
        """The lines of the chat model."""
        return [line for line in self.lines if line.node != EMBEDDINGS]

    def _seconds(self, parts: Sequence[Tokens]) -> float:
        """The time of these calls side by side, after a first story that nothing can go beside."""
        experiment, total = self._plan.experiment, sum(parts, Tokens())
        work = (SECONDS * total.calls + total.completion / TOKENS_A_SECOND) / experiment.concurrency
        story = next((line.low for line in self._chat if line.node == "story"), Tokens())
        first = story.completion / story.calls / TOKENS_A_SECOND if story.calls else 0.0
        by_requests = total.calls * 60 / experiment.rpm if experiment.rpm else 0.0
        by_tokens = total.prompt * 60 / experiment.tpm if experiment.tpm else 0.0
        return max(work + first, by_requests, by_tokens)

    def _count(self, person: Person, cases: Sequence[Case]) -> None:
        """Count what is missing of one person in one fold."""
        count = {"valuesim": self._valuesim, "full_info": self._full_info, "rag": self._rag}
        for graph in (graph for graph in self._plan.experiment.graph if graph in count):
            variant = self._plan.experiment.variant(graph)
            keys = (
                (graph, variant, person.respondent, person.fold, case.item.id, 0) for case in cases
            )
            todo = [case for case, key in zip(cases, keys, strict=True) if key not in self._done]
            self.answers[graph] = self.answers.get(graph, 0) + len(todo)
            if todo:
                count[graph](person, todo)

    def _valuesim(self, person: Person, cases: list[Case]) -> None:
        """Story, perspectives and coordinator."""
        without = self._plan.experiment.without
        backstory, there = self._backstory(person)
        calls = (
            ["direct"]
            if "cab" in without
            else [name for name in PERSPECTIVES if name not in without]
        )
        missing = [self._ask("valuesim", call, cases, there, backstory=backstory) for call in calls]
        rule = self._plan.experiment.integrate
        if rule == "average" or "cab" in without or (len(calls) == 1 and rule != "always"):
            return
        heard = "x" * (len(calls) * CHARACTERS_PER_TOKEN * REPLY)
        unheard = {case.item.id for part in missing for case in part}
        prompt = self._prompt("coordinator", perspectives=heard)
        surely = [case for case in cases if case.item.id in unheard] if rule == "always" else []
        low, high = (self._tokens("coordinator", prompt, part, False) for part in (surely, cases))
        self._add("valuesim", "coordinator", low, high)

    def _backstory(self, person: Person) -> tuple[str, bool]:
        """What the perspectives read, or something as long; and whether it is the very text that
        they will read.
        """
        if "story" in self._plan.experiment.without:
            return profile_text(person.profile, self._settings.protocol), True
        if not person.profile:
            return "", True
        facts = profile_text(person.profile)
        prompt = render(
            STORY, self._settings.prompts, self._settings.order == "cacheable", profile=facts
        )
        told = self._kept.reply(STORY, prompt) if self._kept else None
        if told is not None:
            return told.strip(), True
        size = [len(text) // CHARACTERS_PER_TOKEN for text in (prompt, facts)]
        self._measure("story", STORY, len(prompt), sure=True)
        self._add(
            "valuesim", "story", Tokens(1, size[0], 0, self._bounded(STORY, size[1], len(prompt)))
        )
        return "x" * len(facts), False

    def _full_info(self, person: Person, cases: list[Case]) -> None:
        """One call a question, with the whole profile."""
        self._ask(
            "full_info",
            "full_info",
            cases,
            True,
            profile=known_text(person.profile, self._settings.protocol),
        )

    def _rag(self, person: Person, cases: list[Case]) -> None:
        """The texts to embed, and one call a question with some of the profile's lines, of middling
        length.
        """
        entries = profile_lines(person.profile, self._settings.protocol)
        kept = min(self._settings.top_k, len(entries))
        size = sum(map(len, entries)) // max(len(entries), 1) + len("- (similarity 0.50) \n")
        if entries:
            self._texts.update(entries, map(self._question, cases))
        self._ask(
            "rag", "rag", cases, not kept, evidence="x" * (kept * size - 1) if kept else "- none"
        )

    def _ask(
        self, graph: str, call: str, cases: list[Case], there: bool, **values: str
    ) -> list[Case]:
        """Count one call a case; returns the cases that are asked.

        `there`: the prompt is the very one, so it may be asked already, and its reply kept.
        """
        prompt = self._prompt(call, **values)
        if there:
            cases = [case for case in cases if self._new(call, prompt, case)]
        self._add(graph, call, self._tokens(call, prompt, cases, there))
        return cases

    def _new(self, call: str, prompt: str, case: Case) -> bool:
        """Whether nobody asked this before, now or in a run that kept its replies."""
        twin = hash((prompt, case.item.id))
        if twin in self._seen:
            return False
        self._seen.add(twin)
        asked = prompt.replace(MARK, self._question(case))
        return (
            not self._kept or self._kept.reply(template_of(call, self._settings)[0], asked) is None
        )

    def _prompt(self, call: str, **values: str) -> str:
        """The prompt of a call with a mark for the question."""
        name, form = template_of(call, self._settings)
        cacheable = self._settings.order == "cacheable"
        return render(name, self._settings.prompts, cacheable, question=MARK, **values, **form)

    def _tokens(self, call: str, prompt: str, cases: Sequence[Case], sure: bool) -> Tokens:
        """The tokens of one person's calls with this prompt; what stands before the question is
        cached by the first.

        `sure`: the prompt is the very one, and none that is as long.
        """
        if not cases:
            return Tokens()
        template, form = template_of(call, self._settings)
        asked = prompt.count(MARK)
        sizes = [len(prompt) + asked * (len(self._question(case)) - 1) for case in cases]
        self._measure(call, template, max(sizes), sure)
        shared = prompt.index(MARK) // CHARACTERS_PER_TOKEN
        cached = (
            shared // CACHED_BY * CACHED_BY
            if shared >= CACHED_FROM and not self._plan.experiment.batch
            else 0
        )
        reply = self._bounded(template, REPLY if form else NUMBER, max(sizes))
        prompts = sum(sizes) // CHARACTERS_PER_TOKEN
        return Tokens(len(cases), prompts, cached * (len(cases) - 1), reply * len(cases))

    def _measure(self, node: str, template: str, characters: int, sure: bool) -> None:
        """Remember the longest prompt of a node."""
        known = self.longest.get(node)
        if known is None or characters > known.characters:
            limit = self._limit(template, characters)
            self.longest[node] = Longest(node, characters, limit, sure)

    def _bounded(self, template: str, tokens: int, characters: int) -> int:
        """The length of a reply, which the limit on replies may make shorter."""
        limit = self._limit(template, characters)
        return tokens if limit is None else min(tokens, limit)

    def _limit(self, template: str, characters: int) -> int | None:
        """The limit on the reply to a prompt of so many characters; None where none is sent."""
        return limit_and_parameters(self._plan.experiment, template, characters, self._limited_as)[
            0
        ]

    def _add(self, graph: str, node: str, low: Tokens, high: Tokens | None = None) -> None:
        """Add to what was counted of a node; a question is asked as often as there are votes."""
        high = low if high is None else high
        if node not in {"story", EMBEDDINGS}:
            low, high = (
                sum([part] * self._plan.experiment.votes, Tokens()) for part in (low, high)
            )
        before = self._found.get((graph, node), (Tokens(), Tokens()))
        self._found[graph, node] = (before[0] + low, before[1] + high)

    def _question(self, case: Case) -> str:
        """The question with its options, as prompts hold it."""
        if case.item.id not in self._questions:
            self._questions[case.item.id] = question_text(case.item.question, options_of(case.item))
        return self._questions[case.item.id]

    def _embed(self) -> None:
        """Count the texts whose vectors are not kept."""
        new = [text for text in self._texts if not (self._kept and self._kept.embedded(text))]
        self._add("rag", EMBEDDINGS, Tokens(len(new), sum(map(len, new)) // CHARACTERS_PER_TOKEN))
