"""Reads the results of an ended batch into the call store."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.batches.outbox import Outbox
from evals.batches.provider import Provider
from evals.batches.result_lines import ResultLine, failure_of_line, was_not_asked
from evals.store.cached_chat import CachedChatModel
from graph.llm.errors import CallFailedError, error_text, fatal_reason, is_refusal
from graph.llm.usage import with_usage

if TYPE_CHECKING:
    from openai.types import Batch


@dataclass
class BatchResults:
    """The outcome of a batch by cache key: what is answered, what failed, what was not asked."""

    templates: Mapping[str, str]
    answered: set[str] = field(default_factory=set)
    failed: dict[str, CallFailedError] = field(default_factory=dict)
    unread: int = 0

    @property
    def missing(self) -> Collection[str]:
        """The requests of which no line came back."""
        return self.templates.keys() - self.answered - self.failed.keys()


class ResultsReader:
    """Downloads what batches bring, and keeps the replies in the call store."""

    def __init__(
        self,
        outbox: Outbox,
        chat: CachedChatModel,
        provider: Provider,
        part: Path,
        say: Callable[[str], None],
    ) -> None:
        self._outbox, self._chat, self._provider = outbox, chat, provider
        self._part, self._say = part, say

    async def read(self, batch: "Batch", templates: Mapping[str, str]) -> BatchResults:
        """Keep the replies of a batch, whose requests are given with their templates."""
        results = BatchResults(templates)
        for file in (batch.output_file_id, batch.error_file_id):
            if not file:
                continue
            for line in await self._provider.download(file, self._part):
                self._take(line, results)
        if results.unread:
            self._say(
                f"{batch.id}: {results.unread:,} lines cannot be read; "
                "what they should answer is asked again"
            )
        if batch.status == "completed":
            silent = CallFailedError(
                "batch_error", "no line came back that can be read", again=True
            )
            results.failed |= dict.fromkeys(results.missing, silent)
        return results

    def _take(self, line: ResultLine | None, results: BatchResults) -> None:
        """Count one line, and keep the reply that it holds."""
        if line is None:
            results.unread += 1
            return
        key = line["custom_id"]
        if key not in results.templates or key in results.answered or was_not_asked(line):
            return
        failure = failure_of_line(line)
        if failure is None:
            failure = self._keep(key, results.templates[key], line["response"].get("body"))
        if failure is not None:
            results.failed[key] = failure
        else:
            results.answered.add(key)
            results.failed.pop(key, None)

    def _keep(self, key: str, template: str, body: Any) -> CallFailedError | None:
        """Write a reply into the call store; returns why it cannot be used, None where it can."""
        try:
            message = self._chat.read_body(body, self._outbox.reply_limit(key))
            message = with_usage(message, self._outbox.request_size(key))
            self._chat.store.keep(key, template, message, None)
        except CallFailedError as failed:
            return failed
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            words = f"no reply in the line ({error_text(error)})"
            return CallFailedError("batch_error", words, again=True)
        return None

    async def find_common_failure(self, results: BatchResults) -> Exception | None:
        """A failure that every further request would meet as well; None where there is none.

        Where all requests were refused, a tiny prompt finds out.
        """
        answered, failures = results.answered, list(results.failed.values())
        for failure in failures:
            if fatal_reason(failure) and (not answered or failure.status_code != 401):
                return failure
        if answered or not failures or not all(map(is_refusal, failures)):
            return None
        try:
            await self._chat.probe()
        except Exception as met:  # other faults are no verdict
            return met if fatal_reason(met) or is_refusal(met) else None
        return None
