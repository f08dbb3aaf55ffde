"""Lets commands print any text on any console: a question mark for what its encoding lacks."""

import io
import sys

FAILING = {None, "strict", "surrogateescape"}
"""Error handlers that raise for a character that cannot be encoded; the last is the C locale's."""


def print_anything() -> None:
    """Let standard output and error print any text; "†" becomes "?" where the encoding lacks it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in FAILING:
            stream.reconfigure(errors="replace")
