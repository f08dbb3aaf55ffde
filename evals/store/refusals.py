"""Finds out with a tiny request whether a server refuses one prompt or all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from graph.llm.errors import error_code, fatal_reason, is_refusal, speaks_of_the_prompt

PROBE_PROMPT = "Reply with OK."
"""A prompt that no server has a reason to refuse."""


@dataclass(frozen=True)
class Probe:
    """A tiny request to a service: where it is refused as well, every request would be.

    `service` names who is asked and with which parameters.
    """

    service: str
    send: Callable[[], Awaitable[object]]


class RefusalTracker:
    """Tells refusals of single prompts from those that all prompts of a service meet.

    It probes a service once for each kind of refusal, and again after many refusals in a row.
    """

    MANY = 20

    def __init__(self) -> None:
        self._passed: set[tuple[str, str]] = set()
        self._in_a_row: dict[str, int] = {}
        self._one_at_a_time = asyncio.Lock()

    def note_success(self, probe: Probe | None) -> None:
        """Note that a call to the probe's service succeeded."""
        if probe:
            self._in_a_row[probe.service] = 0

    async def find_common_refusal(
        self, error: Exception, probe: Probe | None, succeeded: bool
    ) -> Exception | None:
        """The refusal that the probe met as well; None where `error` is one prompt's own.

        `succeeded`: a call of this run has succeeded, so that an error which speaks of the prompt
        is believed without a probe.
        """
        if probe is None:
            return None
        service, refusal = probe.service, (probe.service, error_code(error))
        self._in_a_row[service] = self._in_a_row.get(service, 0) + 1
        async with self._one_at_a_time:
            own = refusal in self._passed or (succeeded and speaks_of_the_prompt(error))
            if own and self._in_a_row[service] < self.MANY:
                return None
            self._in_a_row[service] = 0
            try:
                await probe.send()
            except Exception as met:  # other faults are no verdict: the call's own refusal stands
                return met if fatal_reason(met) or is_refusal(met) else None
            self._passed.add(refusal)
            return None
