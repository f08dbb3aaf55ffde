"""Waiting for what processes and servers do, without guessing how long a busy machine takes for it."""

import time
from collections.abc import Callable

SAFETY = 300
"""Seconds after which a test gives up: far more than anything takes, so that only what hangs meets it."""


def wait_until(condition: Callable[[], bool]) -> None:
    """Return as soon as something is so."""
    until = time.monotonic() + SAFETY
    while not condition():
        assert time.monotonic() < until, f"not so within {SAFETY} s"
        time.sleep(0.01)
