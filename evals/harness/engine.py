"""Asks every case of a plan with every method: respondents x held-out items -> rows."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from baselines.method import Case, Method, Row
from evals.harness.ledger import Ledger
from evals.harness.plan import Key, Plan, key_of
from graph.llm.errors import PendingReplyError, RunAbortedError
from survey.folds import Fold


class Concurrency:
    """How much goes on at once: `people` under way, and `cases` of theirs; enough to keep every
    request slot busy.
    """

    def __init__(self, concurrency: int) -> None:
        self.people = asyncio.Semaphore(concurrency)
        self.cases = asyncio.Semaphore(2 * concurrency + 8)


async def answer_person(
    cases: Sequence[Case],
    methods: Sequence[Method],
    done: Collection[Key],
    lanes: Concurrency,
    write: Callable[[Row], None],
) -> None:
    """Answer one person's cases that are not done, with every method; `write` hears of each row.

    Of each method one case goes first, alone, and the others follow together: what their prompts
    begin with is then in the server's prefix cache.
    """

    async def answer(method: Method, case: Case) -> None:
        async with lanes.cases:
            with suppress(PendingReplyError):  # no row yet: the next round of batches asks again
                write(await method.answer(case))

    async def series(method: Method) -> None:
        todo = [case for case in cases if key_of(method, case) not in done]
        if todo:
            await answer(method, todo[0])
        async with asyncio.TaskGroup() as group:
            for case in todo[1:]:
                group.create_task(answer(method, case))

    async with asyncio.TaskGroup() as group:
        for method in methods:
            group.create_task(series(method))


async def answer_all(
    plan: Plan, methods: Sequence[Method], ledger: Ledger, seen: Callable[[Row], None]
) -> None:
    """Answer every case that the ledger does not hold; `seen` hears of each row once it is written.

    Raises `graph.llm.errors.RunAbortedError` when going on makes no sense; what was answered stays
    in the ledger.
    """
    done = ledger.done()
    lanes = Concurrency(plan.experiment.concurrency)

    def write(row: Row) -> None:
        ledger.write(row)
        seen(row)

    async def meet(respondent: int, fold: Fold) -> None:
        try:
            person = plan.person(respondent, fold)
            await answer_person(plan.cases(person, fold), methods, done, lanes, write)
        finally:
            lanes.people.release()

    try:
        for fitting, asked in plan.groups():
            for method in methods:
                method.prepare(fitting)
            async with asyncio.TaskGroup() as group:
                for respondent in asked:
                    for fold in plan.folds:
                        await lanes.people.acquire()
                        group.create_task(meet(respondent, fold))
    except BaseExceptionGroup as many:
        raise first_cause(many) from None


def first_cause(many: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one exception that tells why a run ended: a Stop before any other."""
    flat: list[BaseException] = []
    for error in many.exceptions:
        flat.append(first_cause(error) if isinstance(error, BaseExceptionGroup) else error)
    return next((error for error in flat if isinstance(error, RunAbortedError)), flat[0])
