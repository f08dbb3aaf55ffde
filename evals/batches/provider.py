"""Files and batches at an OpenAI-compatible provider: the few requests, and what the lines that
come back say.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evals.batches.outbox import ENDPOINT
from evals.store.retry import RetryPolicy
from graph.llm.errors import REFUSED, CallFailedError, RunAbortedError, code_of, server_message
from graph.llm.redaction import shorten

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch

NEVER_BEGUN = {"batch_expired", "batch_cancelled"}

PATIENCE = 3600
"""Seconds for all attempts at one request: who waits a day for a batch can wait an hour for its
provider.
"""

Done = TypeVar("Done")
Line = Mapping[str, Any]


class Provider:
    """The requests to files and batches; faults that pass are tried again. Raises Stop for all
    others.
    """

    def __init__(self, client: "AsyncOpenAI") -> None:
        self._client = client
        self._attempts = RetryPolicy(deadline=PATIENCE)

    async def upload(self, part: Path) -> str:
        """Send the input of a batch out of a file of ours, which is removed then; returns the id of
        theirs.
        """

        async def send() -> str:
            with part.open("rb") as lines:
                made = await self._client.files.create(
                    file=("valuesim.jsonl", lines), purpose="batch"
                )
            return made.id

        file = await self._try(send, "no Batch API there")
        part.unlink()
        return file

    async def submit(self, file: str) -> str:
        """Begin the batch of an uploaded file, unless that was done before and only its id never
        arrived.
        """
        return (await self._try(lambda: self._begin(file), f"{file} is not there any more")).id

    async def look(self, batch: str) -> "Batch":
        """How far a batch is."""
        return await self._try(
            lambda: self._client.batches.retrieve(batch), f"{batch} is not known there"
        )

    async def lines(self, file: str, part: Path) -> Iterator[Line | None]:
        """The lines of a file, through a file of ours: all at once may not fit into memory.

        None stands for a line that cannot be read.
        """

        async def take() -> None:
            async with self._client.files.with_streaming_response.content(file) as response:
                await response.stream_to_file(part)

        await self._try(take, f"{file} is not there any more")
        return _read(part)

    async def _begin(self, file: str) -> "Batch":
        """The batch of this file: the one that is listed, or a new one; so that no file is paid
        twice.
        """
        uploaded = await self._client.files.retrieve(file)
        async for batch in self._client.batches.list(limit=100):
            if batch.input_file_id == file:
                return batch
            if batch.created_at < uploaded.created_at:
                break
        return await self._client.batches.create(
            input_file_id=file, endpoint=ENDPOINT, completion_window="24h"
        )

    async def _try(self, make: Callable[[], Awaitable[Done]], missing: str) -> Done:
        """Await `make()`, again where that may help; `missing` says what a 404 means."""
        try:
            return await self._attempts.run(make)
        except CallFailedError as failed:
            if failed.status_code == 404:
                raise RunAbortedError(
                    f"{self._client.base_url}: {missing} ({REFUSED[404]}: {failed})"
                ) from None
            why = REFUSED.get(failed.status_code or 0)
            words = f"{why}: {failed}" if why else str(failed)
            raise RunAbortedError(
                f"files and batches at {self._client.base_url} fail ({words})"
            ) from failed


def _read(part: Path) -> Iterator[Line | None]:
    """The lines of a file of ours, which is removed at its end; None for one that is no answer to a
    request.
    """
    with part.open("rb") as lines:  # as bytes: only a line feed ends a line of JSON
        for line in lines:
            if line.strip():
                yield _line(line)
    part.unlink()


def _line(content: bytes) -> Line | None:
    """One line; bytes that are no text are replaced."""
    try:
        line = json.loads(content.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) and isinstance(line.get("custom_id"), str) else None


def was_never_begun(line: Line) -> bool:
    """Whether a line is of a request that was not asked, since its batch had ended."""
    error = line.get("error")
    return isinstance(error, Mapping) and error.get("code") in NEVER_BEGUN


def failure_of_line(line: Line) -> CallFailedError | None:
    """Why a line holds no reply; None where it may hold one, in the body of its response."""
    response = line.get("response")
    told = response if isinstance(response, Mapping) else {}
    status, error = told.get("status_code"), line.get("error")
    if str(status) == "200" and not error:
        return None
    said = error or told.get("body")
    words = shorten(server_message(said)) or "no reason was given"
    code = code_of(said)
    if isinstance(status, int) and status != 200:
        return CallFailedError(f"http_{status}", words, status_code=status, code=code)
    return CallFailedError("batch_error", words, again=True, code=code)
