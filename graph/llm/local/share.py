"""What a model in this process takes of the machine."""

import os
from typing import NamedTuple

from graph.llm.addresses import SMOLLM2


class Share(NamedTuple):
    """A window in tokens (None: as trained, at most 8,192), the threads that compute one reply, and
    how many replies are written at once.
    """

    window: int | None
    threads: int
    at_once: int = 1


def share_of(name: str, window: int | None, threads: int | None, at_once: int | None) -> Share:
    """The share of a model of this name, with defaults for what is None.

    One processor is left to everything else, unless each reply has but one: threads of one reply
    wait for each other at every step, and one that has to share its processor holds up all.
    """
    replies = at_once or default_at_once(name)
    return Share(window, threads or max((processors() - 1) // replies, 1), replies)


def default_at_once(name: str) -> int:
    """Two replies of small weights where there are two processors for them, else one."""
    return min(2, processors()) if name == SMOLLM2 else 1


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
