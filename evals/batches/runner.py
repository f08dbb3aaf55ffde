"""A run through the provider's Batch API: collect what is missing, submit, wait, run again."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.batches.outbox import Outbox
from evals.batches.provider import Provider
from evals.batches.results import ResultsReader
from evals.store.cached_chat import CachedChatModel
from graph.llm.errors import RunAbortedError, error_code, error_text

if TYPE_CHECKING:
    from openai.types import Batch, BatchError

REQUESTS, SIZE = 50_000, 100_000_000
"""Most requests and bytes in one batch."""

PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two polls of a batch; they grow while nothing happens."""

TIMEOUT = 600
"""Seconds for one request to files and batches."""

ENDED = {"completed", "expired", "cancelled", "failed"}
QUEUE_FULL = "token_limit_exceeded"


async def run_in_batches(
    ask: Callable[[], Awaitable[None]],
    chat: CachedChatModel,
    path: Path,
    say: Callable[[str], None],
    again: bool,
) -> None:
    """Run `ask` until no case waits for a reply; requests that it misses go out in batches.

    `ask` answers every case that has no row. The file at `path` follows the requests, `say` prints
    a line, and `again` submits anew what has failed for good. Raises RunAbortedError when going on
    makes no sense; the file keeps what was submitted, and the same call goes on with it.
    """
    outbox = Outbox(path)
    chat.store.deferred = outbox
    try:
        if again:
            outbox.forget_failed()
        runner = BatchRunner(outbox, chat, path.with_suffix(".part"), say)
        while True:
            with outbox.collecting():
                await ask()
            if not outbox.has_requests():
                return
            await runner.run()
    finally:
        chat.store.deferred = None
        outbox.close()


class BatchRunner:
    """Submits the requests of an outbox in batches, and waits until all have ended."""

    def __init__(
        self, outbox: Outbox, chat: CachedChatModel, part: Path, say: Callable[[str], None]
    ) -> None:
        inner: Any = chat.inner  # a client of ours, which BaseChatModel does not describe
        client = inner.root_async_client.with_options(timeout=TIMEOUT)
        self._outbox, self._part, self._say = outbox, part, say
        self._store = chat.store
        self._provider = Provider(client)
        self._reader = ResultsReader(outbox, chat, self._provider, part, say)
        self._most_requests, self._queue_has_room = REQUESTS, True
        self._status: dict[int, str] = {}
        self._not_asked: set[str] = set()

    async def run(self) -> None:
        """Submit all wanted requests, and wait until all batches have ended.

        Submits the next batch once the last one is validated: a provider whose queue is full says
        so then, and it gets more when one of our batches has ended.
        """
        pause = PAUSE
        while True:
            running = self._outbox.running_batches()
            if self._queue_has_room and not self._validating(running):
                await self._submit()
                running = self._outbox.running_batches()
            if not running:
                return
            await asyncio.sleep(pause)
            before = dict(self._status)
            for number, name in running.items():
                batch = await self._provider.retrieve(name)
                self._tell(number, batch)
                if batch.status in ENDED:
                    await self._end(number, batch, alone=len(running) == 1)
            pause = PAUSE if self._status != before else min(pause * 1.5, LONGEST_PAUSE)

    def _validating(self, running: dict[int, str]) -> bool:
        """Whether the provider has not taken up one of these batches yet."""
        return any(self._status.get(number) == "validating" for number in running)

    async def _submit(self) -> None:
        """Submit one batch of wanted requests, if there are any. Notes each step before the next.

        Raises RunAbortedError when the budget may be passed and no batch is running.
        """
        number = self._outbox.fill_batch(self._most_requests, SIZE, self._spending_check())
        if number is None:
            if self._outbox.has_requests() and not self._outbox.running_batches():
                raise RunAbortedError("--max-cost may be passed by the next batch")
            return
        file = self._outbox.input_file(number)
        if file is None:
            self._outbox.write_batch(number, self._part)
            file = await self._provider.upload(self._part)
            self._outbox.note_upload(number, file)
        name = await self._provider.submit(file)
        self._outbox.note_submission(number, name)
        self._status[number] = "validating"
        count = len(self._outbox.templates(number))
        self._say(
            f"{name}: submitted {count:,} requests; after Ctrl-C the same command goes on with them"
        )

    def _spending_check(self) -> Callable[[str, int], bool]:
        """A function that reserves about the most that a request may cost.

        It takes template and characters, and returns False where too little is left.
        """
        budget = self._store.rate_limiter.budget
        if budget is None or budget.limit is None:
            return lambda template, characters: True
        submitted = [budget.estimate_most(*size) for size in self._outbox.submitted_sizes()]
        left = budget.limit - budget.spent - sum(submitted)

        def afford(template: str, characters: int) -> bool:
            nonlocal left
            left -= budget.estimate_most(template, characters)
            return left >= 0

        return afford

    def _tell(self, number: int, batch: "Batch") -> None:
        """Print how far a batch is, when its status has changed."""
        if batch.status == self._status.get(number):
            return
        self._status[number] = batch.status
        counts = batch.request_counts
        line = f"{batch.id}: {batch.status}"
        if counts and counts.total:
            line += f", {counts.completed:,} of {counts.total:,} done"
        if counts and counts.failed:
            line += f", {counts.failed:,} failed"
        self._say(line)

    async def _end(self, number: int, batch: "Batch", alone: bool) -> None:
        """Keep what a batch brought, or requeue it where the provider's queue was full.

        `alone` says that no other batch is running.
        """
        templates = self._outbox.templates(number)
        queue_was_full = any(error.code == QUEUE_FULL for error in _errors(batch))
        if queue_was_full and (len(templates) > 1 or not alone):
            if alone:
                self._most_requests = (len(templates) + 1) // 2
            self._outbox.requeue(number, batch.status)
            self._queue_has_room = alone
            return
        results = await self._reader.read(batch, templates)
        common = await self._reader.find_common_failure(results)
        failed = {} if common else results.failed
        self._outbox.finish(number, batch.status, results.answered, failed)
        if common:
            words = f"{error_code(common)}: {error_text(common)}"
            raise RunAbortedError(f"requests of {batch.id} were refused ({words})")
        not_asked = set(results.missing)
        if self._not_asked & not_asked:
            raise RunAbortedError(_not_asked_twice(batch, len(not_asked), len(templates)))
        self._not_asked |= not_asked
        self._queue_has_room = True


def _errors(batch: "Batch") -> "list[BatchError]":
    """Why a batch as a whole failed."""
    return (batch.errors.data if batch.errors else None) or []


def _not_asked_twice(batch: "Batch", missing: int, total: int) -> str:
    """One line that says that requests were submitted twice and not asked."""
    why = "".join(f" ({error_text(Exception(error.message))})" for error in _errors(batch)[:1])
    return (
        f"{batch.id} {batch.status}{why} with {missing:,} of {total:,} requests not asked, "
        "for the second time; the same command submits them anew"
    )
