"""Estimates what a run would take, without one call: calls, tokens and time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from baselines.full_info import known_text
from baselines.method import Case, Person
from evals.costs.prices import Tokens
from evals.costs.spending import CostLine
from evals.costs.stored_calls import StoredCalls
from evals.harness.method_names import LLM_GRAPHS
from evals.harness.models import chat_identity, coordinator_identity, graph_rules
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

    `sure`: the characters were counted; else the prompt holds a story that is not told yet. `text`
    is the prompt with a mark in place of the question.
    """

    node: str
    characters: int
    limit: int | None
    sure: bool
    text: str = field(default="", repr=False)


class CostEstimate:
    """Counts the calls that a run still has to make, person by person.

    `done` are the keys in the run's ledger, `kept` is its call store. `longest` has the longest
    prompt of each node, `characters` the length of the longest one to each respondent that was
    counted, not guessed.
    """

    def __init__(self, plan: Plan, done: Collection[Key], kept: StoredCalls) -> None:
        self._plan, self._done, self._kept = plan, done, kept
        self._settings = graph_rules(plan.experiment)
        self._limited_as = name_for_limits(chat_identity(plan.experiment))
        self._coordinator_limited_as = name_for_limits(coordinator_identity(plan.experiment))
        self.longest: dict[str, Longest] = {}
        self.characters: dict[int, int] = {}
        self._respondent = 0
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
        lines = []
        for (graph, node), (low, high) in self._found.items():
            if high.calls:
                lines.append(CostLine(graph, node, low, high))
        return sorted(lines, key=lambda line: LLM_GRAPHS.index(line.graph))

    def seconds(self) -> tuple[float, float]:
        """Return how long it takes, at least and at most, by concurrency and limits."""
        least = self._seconds([line.low for line in self._chat])
        most = self._seconds([line.high for line in self._chat])
        return least, most

    @cached_property
    def _chat(self) -> list[CostLine]:
        """The lines of the chat model."""
        return [line for line in self.lines if line.node != EMBEDDINGS]

    def _seconds(self, parts: Sequence[Tokens]) -> float:
        """Return the time of these calls side by side, after a first story that goes alone."""
        experiment, total = self._plan.experiment, sum(parts, Tokens())
        work = (SECONDS * total.calls + total.completion / TOKENS_A_SECOND) / experiment.slots
        first = self._seconds_of_a_story()
        by_requests = total.calls * 60 / experiment.rpm if experiment.rpm else 0.0
        by_tokens = total.prompt * 60 / experiment.tpm if experiment.tpm else 0.0
        return max(work + first, by_requests, by_tokens)

    def _seconds_of_a_story(self) -> float:
        """Return how long one story takes; 0 where none is to be told."""
        for line in self._chat:
            if line.node == "story" and line.low.calls:
                return line.low.completion / line.low.calls / TOKENS_A_SECOND
        return 0.0

    def _count(self, person: Person, cases: Sequence[Case]) -> None:
        """Count what is missing of one person in one fold."""
        self._respondent = person.respondent
        count = {"valuesim": self._valuesim, "full_info": self._full_info, "rag": self._rag}
        for graph in self._plan.experiment.graph:
            if graph not in count:
                continue
            todo = self._missing(graph, person, cases)
            self.answers[graph] = self.answers.get(graph, 0) + len(todo)
            if todo:
                count[graph](person, todo)

    def _missing(self, graph: str, person: Person, cases: Sequence[Case]) -> list[Case]:
        """Return the cases that the ledger lacks for this graph."""
        variant = self._plan.experiment.variant(graph)
        missing = []
        for case in cases:
            key = (graph, variant, person.respondent, person.fold, case.item.id, 0)
            if key not in self._done:
                missing.append(case)
        return missing

    def _valuesim(self, person: Person, cases: list[Case]) -> None:
        """Count the calls of valuesim: story, perspectives and coordinator."""
        without, rule = self._plan.experiment.without, self._plan.experiment.integrate
        backstory, known = self._backstory(person)
        if "cab" in without:
            self._ask("valuesim", "direct", cases, known, backstory=backstory)
            return
        calls = [name for name in PERSPECTIVES if name not in without]
        asked: set[str] = set()
        for call in calls:
            new = self._ask("valuesim", call, cases, known, backstory=backstory)
            asked |= {case.item.id for case in new}
        if rule == "average" or (len(calls) == 1 and rule != "always"):
            return
        answers = "x" * (len(calls) * CHARACTERS_PER_TOKEN * REPLY)
        prompt = self._prompt("coordinator", perspectives=answers)
        surely = []
        if rule == "always":
            surely = [case for case in cases if case.item.id in asked]
        low = self._tokens("coordinator", prompt, surely, False)
        high = self._tokens("coordinator", prompt, cases, False)
        self._add("valuesim", "coordinator", low, high)

    def _backstory(self, person: Person) -> tuple[str, bool]:
        """Return what the perspectives read, and True; or a text as long as that, and False."""
        if "story" in self._plan.experiment.without:
            return profile_text(person.profile, self._settings.protocol), True
        if not person.profile:
            return "", True
        facts = profile_text(person.profile)
        prompt = render(STORY, self._settings.prompts, self._settings.order, profile=facts)
        told = self._kept.reply(STORY, prompt) if self._kept else None
        if told is not None:
            return told.strip(), True
        self._measure("story", STORY, len(prompt), prompt, sure=True)
        reply = self._bounded(STORY, len(facts) // CHARACTERS_PER_TOKEN, len(prompt))
        self._add("valuesim", "story", Tokens(1, len(prompt) // CHARACTERS_PER_TOKEN, 0, reply))
        return "x" * len(facts), False

    def _full_info(self, person: Person, cases: list[Case]) -> None:
        """Count one call a question, with the whole profile."""
        profile = known_text(person.profile, self._settings.protocol)
        self._ask("full_info", "full_info", cases, True, profile=profile)

    def _rag(self, person: Person, cases: list[Case]) -> None:
        """Count the texts to embed, and one call a question with lines of middling length."""
        entries = profile_lines(person.profile, self._settings.protocol)
        kept = min(self._settings.top_k, len(entries))
        size = sum(map(len, entries)) // max(len(entries), 1) + len("- (similarity 0.50) \n")
        if entries:
            self._texts.update(entries, map(self._question, cases))
        evidence = "x" * (kept * size - 1) if kept else "- none"
        self._ask("rag", "rag", cases, not kept, evidence=evidence)

    def _ask(
        self, graph: str, call: str, cases: list[Case], known: bool, **values: str
    ) -> list[Case]:
        """Count one call a case; return the cases that are asked.

        `known`: the prompt is the one that the run sends, so its reply may be kept already.
        """
        prompt = self._prompt(call, **values)
        if known:
            cases = [case for case in cases if self._new(call, prompt, case)]
        self._add(graph, call, self._tokens(call, prompt, cases, known))
        return cases

    def _new(self, call: str, prompt: str, case: Case) -> bool:
        """Return whether neither this run nor the call store has asked this before."""
        twin = hash((prompt, case.item.id))
        if twin in self._seen:
            return False
        self._seen.add(twin)
        if not self._kept:
            return True
        asked = prompt.replace(MARK, self._question(case))
        return self._kept.reply(template_of(call, self._settings)[0], asked) is None

    def _prompt(self, call: str, **values: str) -> str:
        """Return the prompt of a call with `MARK` in place of the question."""
        name, form = template_of(call, self._settings)
        order = self._settings.order
        return render(name, self._settings.prompts, order, question=MARK, **values, **form)

    def _tokens(self, call: str, prompt: str, cases: Sequence[Case], sure: bool) -> Tokens:
        """Return the tokens of one person's calls with this prompt.

        The first call caches what stands before the question. `sure`: the prompt is the one that
        the run sends, not one as long.
        """
        if not cases:
            return Tokens()
        template, form = template_of(call, self._settings)
        asked = prompt.count(MARK)
        sizes = [len(prompt) + asked * (len(self._question(case)) - 1) for case in cases]
        self._measure(call, template, max(sizes), prompt, sure)
        shared = prompt.index(MARK) // CHARACTERS_PER_TOKEN
        cached = 0
        if shared >= CACHED_FROM and not self._plan.experiment.batch:
            cached = shared // CACHED_BY * CACHED_BY
        reply = self._bounded(template, REPLY if form else NUMBER, max(sizes))
        prompts = sum(sizes) // CHARACTERS_PER_TOKEN
        return Tokens(len(cases), prompts, cached * (len(cases) - 1), reply * len(cases))

    def _measure(self, node: str, template: str, characters: int, text: str, sure: bool) -> None:
        """Remember the longest prompt of a node, and of the person who is counted."""
        if sure:
            before = self.characters.get(self._respondent, 0)
            self.characters[self._respondent] = max(before, characters)
        known = self.longest.get(node)
        if known is None or characters > known.characters:
            limit = self._limit(template, characters)
            self.longest[node] = Longest(node, characters, limit, sure, text)

    def _bounded(self, template: str, tokens: int, characters: int) -> int:
        """Return the tokens of a reply, which the limit on replies may lower."""
        limit = self._limit(template, characters)
        return tokens if limit is None else min(tokens, limit)

    def _limit(self, template: str, characters: int) -> int | None:
        """Return the limit on the reply to a prompt of this length; None where none is sent."""
        own = template == "predict/coordinator"
        name = self._coordinator_limited_as if own else self._limited_as
        limit, _ = limit_and_parameters(self._plan.experiment, template, characters, name)
        return limit

    def _add(self, graph: str, node: str, low: Tokens, high: Tokens | None = None) -> None:
        """Add to what was counted of a node; a question is asked as often as there are votes."""
        high = low if high is None else high
        if node not in {"story", EMBEDDINGS}:
            votes = self._plan.experiment.votes
            low, high = sum([low] * votes, Tokens()), sum([high] * votes, Tokens())
        before = self._found.get((graph, node), (Tokens(), Tokens()))
        self._found[graph, node] = (before[0] + low, before[1] + high)

    def _question(self, case: Case) -> str:
        """Return the question with its options, as prompts hold it."""
        if case.item.id not in self._questions:
            self._questions[case.item.id] = question_text(case.item.question, options_of(case.item))
        return self._questions[case.item.id]

    def _embed(self) -> None:
        """Count the texts whose vectors are not kept."""
        new = [text for text in self._texts if not (self._kept and self._kept.embedded(text))]
        self._add("rag", EMBEDDINGS, Tokens(len(new), sum(map(len, new)) // CHARACTERS_PER_TOKEN))
