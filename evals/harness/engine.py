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
    """Limits how much goes on at once: people under way, and cases of theirs.

    There are more cases than request slots, so that every slot is kept busy.
    """

    def __init__(self, concurrency: int) -> None:
        self.people = asyncio.Semaphore(concurrency)
        self.cases = asyncio.Semaphore(2 * concurrency + 8)


async def answer_person(
    cases: Sequence[Case],
    methods: Sequence[Method],
    done: Collection[Key],
    concurrency: Concurrency,
    write: Callable[[Row], None],
) -> None:
    """Answer those of one person's cases that are not done, with every method.

    `write` is called with each row. Of each method one case goes first, alone, and the others
    follow together: the server's prefix cache then holds what their prompts begin with.
    """

    async def answer(method: Method, case: Case) -> None:
        async with concurrency.cases:
            with suppress(PendingReplyError):  # no row yet: the next round of batches asks again
                write(await method.answer(case))

    async def answer_series(method: Method) -> None:
        todo = [case for case in cases if key_of(method, case) not in done]
        if todo:
            await answer(method, todo[0])
        async with asyncio.TaskGroup() as group:
            for case in todo[1:]:
                group.create_task(answer(method, case))

    async with asyncio.TaskGroup() as group:
        for method in methods:
            group.create_task(answer_series(method))


async def answer_all(
    plan: Plan, methods: Sequence[Method], ledger: Ledger, notify: Callable[[Row], None]
) -> None:
    """Answer every case that the ledger does not hold; call `notify` with each row written.

    Raises `graph.llm.errors.RunAbortedError` when going on makes no sense; what was answered stays
    in the ledger.
    """
    asking = _Asking(plan, methods, ledger, notify)
    try:
        for fitting, asked in plan.groups():
            for method in methods:
                method.prepare(fitting)
            await asking.ask(asked)
    except BaseExceptionGroup as many:
        raise first_cause(many) from None


class _Asking:
    """Asks groups of people with the same methods, into one ledger."""

    def __init__(
        self,
        plan: Plan,
        methods: Sequence[Method],
        ledger: Ledger,
        notify: Callable[[Row], None],
    ) -> None:
        self._plan, self._methods = plan, methods
        self._ledger, self._notify = ledger, notify
        self._done = ledger.done()
        self._concurrency = Concurrency(plan.experiment.slots)

    async def ask(self, respondents: Sequence[int]) -> None:
        """Ask these people in every fold of the plan, as many at once as may be."""
        async with asyncio.TaskGroup() as group:
            for respondent in respondents:
                for fold in self._plan.folds:
                    await self._concurrency.people.acquire()
                    group.create_task(self._ask_person(respondent, fold))

    async def _ask_person(self, respondent: int, fold: Fold) -> None:
        """Ask one person in one fold."""
        try:
            person = self._plan.person(respondent, fold)
            cases = self._plan.cases(person, fold)
            await answer_person(cases, self._methods, self._done, self._concurrency, self._write)
        finally:
            self._concurrency.people.release()

    def _write(self, row: Row) -> None:
        """Write a row, then tell the caller of it."""
        self._ledger.write(row)
        self._notify(row)


def first_cause(many: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one exception that tells why a run ended: a RunAbortedError before any other."""
    flat: list[BaseException] = []
    for error in many.exceptions:
        flat.append(first_cause(error) if isinstance(error, BaseExceptionGroup) else error)
    for error in flat:
        if isinstance(error, RunAbortedError):
            return error
    return flat[0]
