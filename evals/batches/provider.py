"""Files and batches at an OpenAI-compatible provider: upload, submit, poll and download."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from evals.batches.outbox import ENDPOINT
from evals.batches.result_lines import ResultLine, read_lines
from evals.store.retry import RetryPolicy
from graph.llm.errors import REFUSED, CallFailedError, RunAbortedError

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch

PATIENCE = 3600
"""Seconds for all attempts at one request: who waits a day for a batch can wait an hour for its
provider.
"""

Result = TypeVar("Result")


class Provider:
    """Sends requests to files and batches, again after faults that pass.

    Its methods raise RunAbortedError for all other faults.
    """

    def __init__(self, client: "AsyncOpenAI") -> None:
        self._client = client
        self._retry_policy = RetryPolicy(deadline=PATIENCE)

    async def upload(self, part: Path) -> str:
        """Upload a local file as the input of a batch and delete it; returns the provider's id."""

        async def send() -> str:
            with part.open("rb") as content:
                created = await self._client.files.create(
                    file=("valuesim.jsonl", content), purpose="batch"
                )
            return created.id

        file = await self._call(send, "no Batch API there")
        part.unlink()
        return file

    async def submit(self, file: str) -> str:
        """Start the batch of an uploaded file and return its id.

        Finds the batch that an earlier call started where only its id never arrived.
        """
        batch = await self._call(
            lambda: self._find_or_create(file), f"{file} is not there any more"
        )
        return batch.id

    async def retrieve(self, batch: str) -> "Batch":
        """The present state of a batch."""
        return await self._call(
            lambda: self._client.batches.retrieve(batch), f"{batch} is not known there"
        )

    async def download(self, file: str, part: Path) -> Iterator[ResultLine | None]:
        """Download a result file to a local one, since it may not fit into memory; read its lines.

        None stands for a line that cannot be read.
        """

        async def receive() -> None:
            async with self._client.files.with_streaming_response.content(file) as response:
                await response.stream_to_file(part)

        await self._call(receive, f"{file} is not there any more")
        return read_lines(part)

    async def _find_or_create(self, file: str) -> "Batch":
        """The batch of this file: the listed one or a new one, so that no file is paid twice."""
        uploaded = await self._client.files.retrieve(file)
        async for batch in self._client.batches.list(limit=100):
            if batch.input_file_id == file:
                return batch
            if batch.created_at < uploaded.created_at:
                break
        return await self._client.batches.create(
            input_file_id=file, endpoint=ENDPOINT, completion_window="24h"
        )

    async def _call(self, send: Callable[[], Awaitable[Result]], missing: str) -> Result:
        """Await `send()`, again where that may help; `missing` says what a 404 means."""
        try:
            return await self._retry_policy.run(send)
        except CallFailedError as failed:
            url = self._client.base_url
            if failed.status_code == 404:
                words = f"{REFUSED[404]}: {failed}"
                raise RunAbortedError(f"{url}: {missing} ({words})") from None
            why = REFUSED.get(failed.status_code or 0)
            words = f"{why}: {failed}" if why else str(failed)
            raise RunAbortedError(f"files and batches at {url} fail ({words})") from failed
