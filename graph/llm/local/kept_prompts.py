"""Prompts that were computed before, kept in memory: one that begins alike goes on from there."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

MOST_BYTES = 512 * 1024 * 1024
"""Of kept prompts together."""
WORTH_KEEPING = 64
"""Tokens; fewer are computed again sooner than they are copied."""
SEQUENCE = 0
"""The one sequence in a context."""


class KeptPrompts:
    """States of llama.cpp contexts by their tokens; the ones not used for longest go first.

    Contexts of one model with one window share them, each in a thread of its own.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._states: OrderedDict[tuple[int, ...], bytes] = OrderedDict()
        self._turn = threading.Lock()

    def swap(self, context: Any, computed: list[int], wanted: Sequence[int]) -> list[int]:
        """Make the context hold what is best for the prompt `wanted`; returns the tokens it holds.

        `computed` are the tokens it holds now. They are kept where the prompt has no use for most
        of them.
        """
        with self._turn:
            here = shared_start(computed, wanted)
            best, there = self._best(wanted)
            state = None if best is None else self._states[best]
            if len(computed) >= max(WORTH_KEEPING, 2 * here):
                self._keep(context, computed)
            if best is None or there < here + WORTH_KEEPING:
                return computed
            if best in self._states:
                self._states.move_to_end(best)
        context.memory_seq_rm(SEQUENCE, 0, -1)
        context.set_state_seq_data(state, SEQUENCE)
        return list(best)

    def keep(self, context: Any, computed: Sequence[int], known: int) -> None:
        """Keep a prompt of which `known` tokens were not computed but taken from here before."""
        if len(computed) - known >= WORTH_KEEPING:
            with self._turn:
                self._keep(context, computed)

    def _best(self, wanted: Sequence[int]) -> tuple[tuple[int, ...] | None, int]:
        """The kept tokens that share the longest start with a prompt, and how many are shared."""
        best, most = None, 0
        for tokens in self._states:
            if (same := shared_start(tokens, wanted)) > most:
                best, most = tokens, same
        return best, most

    def _keep(self, context: Any, computed: Sequence[int]) -> None:
        """Keep the state of these tokens, in place of one that begins mostly as they do."""
        tokens = tuple(computed)
        for other in list(self._states):
            if 2 * shared_start(other, tokens) > len(other):
                del self._states[other]
        size = context.get_state_seq_size(SEQUENCE)
        if size > self._most_bytes:
            return
        while sum(map(len, self._states.values())) + size > self._most_bytes:
            self._states.popitem(last=False)
        self._states[tokens] = context.get_state_seq_data(SEQUENCE)


def shared_start(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences share from their start."""
    for place, (ours, theirs) in enumerate(zip(one, other, strict=False)):
        if ours != theirs:
            return place
    return min(len(one), len(other))
