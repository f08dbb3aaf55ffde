"""A run through the provider's Batch API: collect what is missing, submit it, wait, fill the call
store, run again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.batches.outbox import Outbox
from evals.batches.provider import Provider, failure_of_line, was_never_begun
from evals.store.cached_chat import CachedChatModel
from graph.llm.errors import (
    CallFailedError,
    RunAbortedError,
    error_code,
    error_text,
    fatal_reason,
    is_refusal,
)
from graph.llm.usage import with_usage

if TYPE_CHECKING:
    from openai.types import Batch, BatchError

REQUESTS, SIZE = 50_000, 100_000_000
"""Most requests and bytes in one batch."""

PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two looks at a batch; they grow while nothing happens."""

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
    """Run `ask` until no case waits for a reply; what it misses is asked in batches, followed in
    the file at `path`.

    `ask` answers every case that has no row; `again` asks anew what has failed for good. Raises
    Stop when going on makes no sense; what was submitted stays known, and the same call goes on
    with it.
    """
    outbox = Outbox(path)
    chat.store.deferred = outbox
    try:
        if again:
            outbox.forget_failed()
        desk = BatchRunner(outbox, chat, path.with_suffix(".part"), say)
        while True:
            with outbox.collecting():
                await ask()
            if not outbox.waiting():
                return
            await desk.serve()
    finally:
        chat.store.deferred = None
        outbox.close()


class BatchRunner:
    """Submits what is wanted, waits, and files the replies."""

    def __init__(
        self, outbox: Outbox, chat: CachedChatModel, part: Path, say: Callable[[str], None]
    ) -> None:
        self._outbox, self._chat, self._part, self._say = outbox, chat, part, say
        self._provider = Provider(chat.inner.root_async_client.with_options(timeout=TIMEOUT))  # type: ignore[attr-defined]
        self._most, self._room = REQUESTS, True
        self._status: dict[int, str] = {}
        self._not_asked: set[str] = set()

    async def serve(self) -> None:
        """Submit all that is wanted, and wait until all that is out has ended.

        The next batch is submitted once the last one is validated: a provider whose queue is full
        says so then, and it gets more when something of ours has ended.
        """
        pause = PAUSE
        while True:
            out = self._outbox.out()
            if self._room and not any(self._status.get(number) == "validating" for number in out):
                await self._submit()
                out = self._outbox.out()
            if not out:
                return
            await asyncio.sleep(pause)
            before = dict(self._status)
            for number, name in out.items():
                batch = await self._provider.look(name)
                self._tell(number, batch)
                if batch.status in ENDED:
                    await self._end(number, batch, alone=len(out) == 1)
            pause = PAUSE if self._status != before else min(pause * 1.5, LONGEST_PAUSE)

    async def _submit(self) -> None:
        """Submit one batch of what is wanted, if anything is. Each step is kept before the next.

        Raises Stop when the budget may be passed and nothing is out any more.
        """
        number = self._outbox.fill(self._most, SIZE, self._wallet())
        if number is None:
            if self._outbox.waiting() and not self._outbox.out():
                raise RunAbortedError("--max-cost may be passed by the next batch")
            return
        file = self._outbox.file(number)
        if file is None:
            self._outbox.write(number, self._part)
            file = await self._provider.upload(self._part)
            self._outbox.uploaded(number, file)
        name = await self._provider.submit(file)
        self._outbox.submitted(number, name)
        self._status[number] = "validating"
        count = len(self._outbox.prompts(number))
        self._say(
            f"{name}: submitted {count:,} requests; after Ctrl-C the same command goes on with them"
        )

    def _wallet(self) -> Callable[[str, int], bool]:
        """Puts aside about the most that each request may cost; False where too little is left."""
        budget = self._chat.store.rate_limiter.budget
        if budget is None or budget.limit is None:
            return lambda prompt, characters: True
        left = (
            budget.limit
            - budget.spent
            - sum(budget.estimate_most(*size) for size in self._outbox.sizes())
        )

        def afford(prompt: str, characters: int) -> bool:
            nonlocal left
            left -= budget.estimate_most(prompt, characters)
            return left >= 0

        return afford

    def _tell(self, number: int, batch: "Batch") -> None:
        """Say where a batch is, when that has changed."""
        if batch.status != self._status.get(number):
            self._status[number] = batch.status
            counts = batch.request_counts
            done = (
                f", {counts.completed:,} of {counts.total:,} done"
                if counts and counts.total
                else ""
            )
            failed = f", {counts.failed:,} failed" if counts and counts.failed else ""
            self._say(f"{batch.id}: {batch.status}{done}{failed}")

    async def _end(self, number: int, batch: "Batch", alone: bool) -> None:
        """File what a batch brought, or put it back where the provider's queue was full."""
        prompts = self._outbox.prompts(number)
        if any(error.code == QUEUE_FULL for error in _errors(batch)) and (
            len(prompts) > 1 or not alone
        ):
            self._most = (len(prompts) + 1) // 2 if alone else self._most
            self._outbox.put_back(number, batch.status)
            self._room = alone
            return
        answered, failed = await self._file(batch, prompts)
        stopping = await self._stopping(answered, failed)
        self._outbox.end(number, batch.status, answered, {} if stopping else failed)
        if stopping:
            raise RunAbortedError(
                f"requests of {batch.id} were refused ({error_code(stopping)}: "
                f"{error_text(stopping)})"
            )
        not_asked = prompts.keys() - answered - failed.keys()
        if self._not_asked & not_asked:
            raise RunAbortedError(_not_served(batch, len(not_asked), len(prompts)))
        self._not_asked |= not_asked
        self._room = True

    async def _file(
        self, batch: "Batch", prompts: Mapping[str, str]
    ) -> tuple[set[str], dict[str, CallFailedError]]:
        """Keep the replies of a batch; returns what was answered and what failed. The rest was not
        asked.
        """
        answered: set[str] = set()
        failed: dict[str, CallFailedError] = {}
        unread = 0
        for file in filter(None, (batch.output_file_id, batch.error_file_id)):
            for line in await self._provider.lines(file, self._part):
                if line is None:
                    unread += 1
                    continue
                key = line["custom_id"]
                if key not in prompts or key in answered or was_never_begun(line):
                    continue
                if found := failure_of_line(line) or self._keep(
                    key, prompts[key], line["response"].get("body")
                ):
                    failed[key] = found
                else:
                    answered.add(key)
                    failed.pop(key, None)
        if unread:
            self._say(
                f"{batch.id}: {unread:,} lines cannot be read; what they should answer is asked "
                f"again"
            )
        if batch.status == "completed":
            silent = prompts.keys() - answered - failed.keys()
            failed |= dict.fromkeys(
                silent,
                CallFailedError("batch_error", "no line came back that can be read", again=True),
            )
        return answered, failed

    def _keep(self, key: str, prompt: str, body: Any) -> CallFailedError | None:
        """Write a reply into the call store; a failure where it is none that can be used."""
        try:
            message = with_usage(
                self._chat.read_body(body, self._outbox.limit(key)), self._outbox.size(key)
            )
            self._chat.store.keep(key, prompt, message, None)
        except CallFailedError as failed:
            return failed
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return CallFailedError(
                "batch_error", f"no reply in the line ({error_text(error)})", again=True
            )
        return None

    async def _stopping(
        self, answered: Collection[str], failed: Mapping[str, CallFailedError]
    ) -> Exception | None:
        """A failure that every further request would meet as well; where all were refused, a tiny
        prompt tells.
        """
        everybodys = [
            found
            for found in failed.values()
            if fatal_reason(found) and (not answered or found.status_code != 401)
        ]
        if everybodys or answered or not failed:
            return everybodys[0] if everybodys else None
        if not all(map(is_refusal, failed.values())):
            return None
        try:
            await self._chat.probe()
        except Exception as met:  # other faults are no verdict
            return met if fatal_reason(met) or is_refusal(met) else None
        return None


def _errors(batch: "Batch") -> "list[BatchError]":
    """Why a batch as a whole failed."""
    return (batch.errors.data if batch.errors else None) or []


def _not_served(batch: "Batch", missing: int, total: int) -> str:
    """What to say where requests were submitted twice and not asked twice."""
    why = "".join(f" ({error_text(Exception(error.message))})" for error in _errors(batch)[:1])
    return (
        f"{batch.id} {batch.status}{why} with {missing:,} of {total:,} requests not asked, for the "
        f"second time; "
        "the same command submits them anew"
    )
