"""One story held against its facts: by rule, by what a model reads in it, and again after it was mended."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from baselines.method import Person
from evals import models
from evals.audits.source import Source
from evals.costs.prices import Tokens, used
from evals.harness import first
from graph.backstory import Recall, lacking, recall, repair
from graph.calls import CallStore
from graph.faults import CallFailed
from graph.fidelity import Fidelity, check
from graph.settings import Settings
from survey.profile import Answer

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Audited:
    """One story at one stage. `error` names the kind of a call that failed: there is no story, or not all was read.

    `recalled` holds, by item, what the model read; an item whose call failed is not among them.
    """

    person: Person
    stage: str
    story: str = ""
    fidelity: Fidelity | None = None
    recalled: Mapping[str, Recall] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Audits:
    """All stories of an audit, sorted by respondent, fold and stage; and what was paid, by template."""

    stories: Sequence[Audited]
    used: Mapping[str, Tokens]


async def audit_all(source: Source, folder: Path, console: Console) -> Audits:
    """Audit the story of every person in every fold.

    Raises `graph.faults.Stop` when going on makes no sense; replies are kept, so that the same command goes on.
    """
    plan = source.plan
    store = models.store(plan.experiment, folder)
    try:
        source.open(store)
        async with models.opened(plan.experiment) if source.audit.asks else nullcontext() as client:
            settings = models.settings(plan.experiment, store, client) if source.audit.asks else Settings()
            places = asyncio.Semaphore(plan.experiment.concurrency)
            with Progress(console=console, transient=True) as bar:
                task = bar.add_task("auditing", total=len(plan.drawn) * len(plan.folds))

                async def one(person: Person) -> list[Audited]:
                    async with places:
                        found = await _audit(source, person, settings, store)
                    bar.advance(task)
                    return found

                people = [plan.person(respondent, fold) for respondent in sorted(plan.drawn) for fold in plan.folds]
                try:
                    async with asyncio.TaskGroup() as group:
                        tasks = [group.create_task(one(person)) for person in people]
                except BaseExceptionGroup as many:
                    raise first(many) from None
        return Audits([story for task in tasks for story in task.result()], used(store))
    finally:
        store.close()


async def _audit(source: Source, person: Person, settings: Settings, store: CallStore) -> list[Audited]:
    """Audit one person's story, and once more where it is to be mended."""
    try:
        story = await source.story(person, settings, store)
    except CallFailed as failed:
        return [Audited(person, BEFORE, error=failed.kind)]
    before = await _read(source, person, BEFORE, story, settings)
    if not source.audit.repair or before.fidelity is None:
        return [before]
    missing = lacking(person.profile, {fact.item: fact.verdict for fact in before.fidelity.facts})
    try:
        mended = await repair(story, missing, settings)
    except CallFailed as failed:
        return [before, Audited(person, AFTER, error=failed.kind)]
    return [before, await _read(source, person, AFTER, mended, settings)]


async def _read(source: Source, person: Person, stage: str, story: str, settings: Settings) -> Audited:
    """Hold a story against the facts, by rule, and by the model where that is wished."""
    fidelity = check(story, person.profile)
    if not source.audit.recall:
        return Audited(person, stage, story, fidelity)
    replies = await asyncio.gather(*(_recall(story, answer, settings) for answer in person.profile))
    failed = next((reply for reply in replies if isinstance(reply, str)), "")
    names = [fact.item for fact in fidelity.facts]
    read = {name: reply for name, reply in zip(names, replies, strict=True) if isinstance(reply, Recall)}
    return Audited(person, stage, story, fidelity, read, failed)


async def _recall(story: str, answer: Answer, settings: Settings) -> Recall | str:
    """What the model reads of one fact, or the kind of the call's failure."""
    try:
        return await recall(story, answer, settings)
    except CallFailed as failed:
        return failed.kind
