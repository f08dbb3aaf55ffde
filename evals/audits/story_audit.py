"""Audits stories: compares each with the known answers, by rule and by model, before and after
repair.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from baselines.method import Person
from evals.audits.ask_model import Recall, ask_recall, ask_repair, lacking_answers
from evals.audits.story_source import StorySource
from evals.audits.verification import points_left, verify_story
from evals.costs.prices import Tokens, tokens_used
from evals.harness import models
from evals.harness.engine import first_cause
from evals.harness.models import graph_rules
from evals.render.console import print_cut
from evals.runner.call_store import open_call_store
from evals.store.call_store import CallStore
from graph.fidelity.check import Fidelity, check_story
from graph.llm.errors import CallFailedError, error_text
from graph.settings import Settings
from survey.profile import Answer

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class AuditedStory:
    """One story at one stage, with its verdicts.

    `fidelity`: the verdicts on its facts; None where no story was told. `recalled`: by item, what a
    model read in the story; an item whose call failed is not among them. `judged`: how many points
    the verifier settled; `left`: how many it did not settle, by reason. `error`: the kind of a
    failed call, "" if none failed; `message`: why it failed, in the server's words.
    """

    person: Person
    stage: str
    story: str = ""
    fidelity: Fidelity | None = None
    recalled: Mapping[str, Recall] = field(default_factory=dict)
    error: str = ""
    judged: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True)
class AuditModels:
    """The settings of the models that an audit asks.

    `stories`: to tell, read and repair stories. `verifier`: to judge what rules leave open; None
    where no model does.
    """

    stories: Settings
    verifier: Settings | None


@dataclass(frozen=True)
class AuditResult:
    """All stories of an audit, by respondent, fold and stage; and the tokens paid, by template."""

    stories: Sequence[AuditedStory]
    used: Mapping[str, Tokens]


async def audit_all(source: StorySource, folder: Path, console: Console) -> AuditResult:
    """Audit the story of every person in every fold; the console shows progress meanwhile.

    Raises `graph.llm.errors.RunAbortedError` when going on makes no sense; replies are kept, so
    that the same command goes on.
    """
    store = open_call_store(source.plan.experiment, folder, source.costs)
    try:
        source.attach_run_store(store)
        async with _open_models(source, store) as asked:
            with Progress(console=console, transient=True) as bar:
                stories = await _audit_people(source, asked, store, bar)
        return AuditResult(stories, tokens_used(store))
    finally:
        print_cut(console, store.cut_prompts())
        store.close()


async def _audit_people(
    source: StorySource, asked: AuditModels, store: CallStore, bar: Progress
) -> list[AuditedStory]:
    """Audit all people side by side, as many at once as the experiment's concurrency allows."""
    plan = source.plan
    slots = asyncio.Semaphore(plan.experiment.slots)
    progress = bar.add_task("auditing", total=len(plan.drawn) * len(plan.folds))

    async def audit_person(person: Person) -> list[AuditedStory]:
        async with slots:
            found = await _audit_person(source, person, asked, store)
        bar.advance(progress)
        return found

    people = []
    for respondent in sorted(plan.drawn):
        for fold in plan.folds:
            people.append(plan.person(respondent, fold))
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(audit_person(person)) for person in people]
    except BaseExceptionGroup as many:
        raise first_cause(many) from None
    stories = []
    for task in tasks:
        stories += task.result()
    return stories


@asynccontextmanager
async def _open_models(source: StorySource, store: CallStore) -> AsyncIterator[AuditModels]:
    """Yield the models of an audit, each with an open client where it is asked."""
    experiment, verifier = source.plan.experiment, source.verifier
    stories = graph_rules(experiment)
    judge = None
    async with AsyncExitStack() as clients:
        if source.audit.asks:
            client = await clients.enter_async_context(models.open_client(experiment))
            stories = models.graph_settings(experiment, store, client)
        if verifier:
            client = await clients.enter_async_context(models.open_client(verifier))
            judge = models.graph_settings(verifier, store, client)
        yield AuditModels(stories, judge)


async def _audit_person(
    source: StorySource, person: Person, asked: AuditModels, store: CallStore
) -> list[AuditedStory]:
    """Audit one person's story, and once more after repair where the settings ask for it."""
    try:
        story = await source.story(person, asked.stories, store)
    except CallFailedError as failed:
        return [AuditedStory(person, BEFORE, error=failed.kind, message=error_text(failed))]
    before = await _audit_story(source, person, BEFORE, story, asked)
    if not source.audit.repair or before.fidelity is None:
        return [before]
    verdicts = {fact.item: fact.verdict for fact in before.fidelity.facts}
    lacking = lacking_answers(person.profile, verdicts)
    try:
        repaired = await ask_repair(story, lacking, asked.stories)
    except CallFailedError as failed:
        return [before, AuditedStory(person, AFTER, error=failed.kind, message=error_text(failed))]
    return [before, await _audit_story(source, person, AFTER, repaired, asked)]


async def _audit_story(
    source: StorySource, person: Person, stage: str, story: str, asked: AuditModels
) -> AuditedStory:
    """Compare a story with its facts: by rule, and by models where the settings ask for it."""
    audited = AuditedStory(person, stage, story, check_story(story, person.profile))
    if asked.verifier:
        audited = await _verify(audited, asked.verifier)
    if not source.audit.recall:
        return audited
    calls = [_recall_or_failure(story, answer, asked.stories) for answer in person.profile]
    replies = await asyncio.gather(*calls)
    recalled: dict[str, Recall] = {}
    failed: CallFailedError | None = None
    for answer, reply in zip(person.profile, replies, strict=True):
        if isinstance(reply, Recall):
            recalled[answer.get("item") or answer["question"]] = reply
        else:
            failed = failed or reply
    if failed:
        audited = replace(audited, error=failed.kind, message=error_text(failed))
    return replace(audited, recalled=recalled)


async def _verify(audited: AuditedStory, settings: Settings) -> AuditedStory:
    """Return the story with the verifier's verdicts.

    Where the call fails, the rules' verdicts stay, and its points are counted as left open.
    """
    assert audited.fidelity is not None
    profile = audited.person.profile
    try:
        found = await verify_story(audited.story, profile, audited.fidelity, settings)
    except CallFailedError as failed:
        points = len(points_left(audited.fidelity)) + len(audited.fidelity.possible)
        left = Counter({f"the call failed ({failed.kind})": points})
        return replace(audited, error=failed.kind, message=error_text(failed), left=left)
    return replace(audited, fidelity=found.fidelity, judged=found.judged, left=found.left)


async def _recall_or_failure(
    story: str, answer: Answer, settings: Settings
) -> Recall | CallFailedError:
    """Return what a model reads in the story about one answer, or the failure of the call."""
    try:
        return await ask_recall(story, answer, settings)
    except CallFailedError as failed:
        return failed
