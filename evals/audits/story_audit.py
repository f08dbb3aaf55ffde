"""One story held against its facts: by rule, by what a model reads in it, and again after it was
mended.
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
    """One story at one stage. `error` names the kind of a call that failed: there is no story, or
    not all was read.

    `recalled` holds, by item, what the model read; an item whose call failed is not among them.
    `judged` is how many points the verifier settled, `left` counts by reason those that it did not.
    `message` says in the server's words why a call failed.
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
    """The settings with which models are asked: to tell, read and mend stories, and to verify
    (None: nobody does).
    """

    stories: Settings
    verifier: Settings | None


@dataclass(frozen=True)
class AuditResult:
    """All stories of an audit, sorted by respondent, fold and stage; and what was paid, by
    template.
    """

    stories: Sequence[AuditedStory]
    used: Mapping[str, Tokens]


async def audit_all(source: StorySource, folder: Path, console: Console) -> AuditResult:
    """Audit the story of every person in every fold.

    Raises `graph.llm.errors.RunAbortedError` when going on makes no sense; replies are kept, so
    that the same command goes on.
    """
    plan = source.plan
    store = open_call_store(plan.experiment, folder, source.costs)
    try:
        source.open(store)
        async with _asked(source, store) as asked:
            places = asyncio.Semaphore(plan.experiment.concurrency)
            with Progress(console=console, transient=True) as bar:
                task = bar.add_task("auditing", total=len(plan.drawn) * len(plan.folds))

                async def one(person: Person) -> list[AuditedStory]:
                    async with places:
                        found = await _audit(source, person, asked, store)
                    bar.advance(task)
                    return found

                people = [
                    plan.person(respondent, fold)
                    for respondent in sorted(plan.drawn)
                    for fold in plan.folds
                ]
                try:
                    async with asyncio.TaskGroup() as group:
                        tasks = [group.create_task(one(person)) for person in people]
                except BaseExceptionGroup as many:
                    raise first_cause(many) from None
        return AuditResult([story for task in tasks for story in task.result()], tokens_used(store))
    finally:
        print_cut(console, store.cut_prompts())
        store.close()


@asynccontextmanager
async def _asked(source: StorySource, store: CallStore) -> AsyncIterator[AuditModels]:
    """The models of an audit, each with a client of its own where it needs one."""
    experiment, verifier = source.plan.experiment, source.verifier
    stories, judge = graph_rules(experiment), None
    async with AsyncExitStack() as clients:
        if source.audit.asks:
            client = await clients.enter_async_context(models.open_client(experiment))
            stories = models.graph_settings(experiment, store, client)
        if verifier:
            client = await clients.enter_async_context(models.open_client(verifier))
            judge = models.graph_settings(verifier, store, client)
        yield AuditModels(stories, judge)


async def _audit(
    source: StorySource, person: Person, asked: AuditModels, store: CallStore
) -> list[AuditedStory]:
    """Audit one person's story, and once more where it is to be mended."""
    try:
        story = await source.story(person, asked.stories, store)
    except CallFailedError as failed:
        return [AuditedStory(person, BEFORE, error=failed.kind, message=error_text(failed))]
    before = await _read(source, person, BEFORE, story, asked)
    if not source.audit.repair or before.fidelity is None:
        return [before]
    missing = lacking_answers(
        person.profile, {fact.item: fact.verdict for fact in before.fidelity.facts}
    )
    try:
        mended = await ask_repair(story, missing, asked.stories)
    except CallFailedError as failed:
        return [before, AuditedStory(person, AFTER, error=failed.kind, message=error_text(failed))]
    return [before, await _read(source, person, AFTER, mended, asked)]


async def _read(
    source: StorySource, person: Person, stage: str, story: str, asked: AuditModels
) -> AuditedStory:
    """Hold a story against the facts, by rule, and by models where that is wished."""
    audited = AuditedStory(person, stage, story, check_story(story, person.profile))
    if asked.verifier:
        audited = await _verified(audited, asked.verifier)
    if not source.audit.recall:
        return audited
    replies = await asyncio.gather(
        *(_recall(story, answer, asked.stories) for answer in person.profile)
    )
    failed = next((reply for reply in replies if isinstance(reply, CallFailedError)), None)
    names = [answer.get("item") or answer["question"] for answer in person.profile]
    read = {
        name: reply for name, reply in zip(names, replies, strict=True) if isinstance(reply, Recall)
    }
    if failed:
        audited = replace(audited, error=failed.kind, message=error_text(failed))
    return replace(audited, recalled=read)


async def _verified(audited: AuditedStory, settings: Settings) -> AuditedStory:
    """The story with the verifier's verdicts; where its call failed all stays as the rules left it,
    and is counted.
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


async def _recall(story: str, answer: Answer, settings: Settings) -> Recall | CallFailedError:
    """What the model reads of one fact, or the call's failure."""
    try:
        return await ask_recall(story, answer, settings)
    except CallFailedError as failed:
        return failed
