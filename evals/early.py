"""Handles Ctrl-C while Python still loads a command: one line and an exit code, no traceback.

This module is loaded before all others, so it imports next to nothing. `evals.interrupts` takes
over once the command works.
"""

import os
import signal
import sys

INTERRUPTED = 130
"""The code of a command that Ctrl-C ended."""


command = ""
"""The command that this process runs and nothing else, such as "evals.run"; "" in a test."""


def begin(name: str) -> None:
    """Note that this process runs the command `name`, and let Ctrl-C end it in one line until
    `evals.interrupts` takes over.
    """
    global command
    command = name
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        leave_on_interrupt(name, "interrupted before it began")


def _module() -> str:
    """The module of ours that `python -m` started; "" for anything else, such as a test."""
    if sys.argv[:1] != ["-m"]:  # Python sets it only while it looks for the module
        return ""
    words = (word.removeprefix("-m") for word in sys.orig_argv)
    return next((word for word in words if word.startswith("evals.")), "")


def leave_on_interrupt(name: str, message: str) -> None:
    """Let Ctrl-C end the process at once with this line; for when no work is under way."""

    def leave(number: int, frame: object) -> None:
        os.write(2, f"{name}: {message}\n".encode())
        os._exit(INTERRUPTED)

    signal.signal(signal.SIGINT, leave)


if _started := _module():
    begin(_started)
