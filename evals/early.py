"""How a command begins: Ctrl-C while Python still loads it ends in one line and an exit code.

This module is loaded before all others, so it imports next to nothing. `evals.interrupts` takes
over once the command works.
"""

import gc
import os
import signal
import sys

INTERRUPTED = 130
"""The code of a command that Ctrl-C ended."""


MANY_OBJECTS = 100_000
"""New objects after which Python looks for unreachable ones among them; its own default is 700."""

command = ""
"""The command that this process runs and nothing else, such as "evals.run"; "" in a test."""


def begin(name: str) -> None:
    """Note that this process runs the command `name`, and let Ctrl-C end it in one line until
    `evals.interrupts` takes over.

    Python then looks for unreachable objects more seldom: modules leave none behind, and looking
    through what they hold took a seventh of the time until the first request.
    """
    global command
    command = name
    gc.set_threshold(MANY_OBJECTS, *gc.get_threshold()[1:])
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
