"""What a command prints where a console lacks a character: a question mark in its place, never the
command's end.
"""

import io
import sys

FAILING = {None, "strict", "surrogateescape"}
"""Ways with a character that cannot be encoded which raise an error; the last one is that of the C
locale.
"""


def print_anything() -> None:
    """Let standard output and error print any text, whatever their encoding; "†" on a console
    without it is "?".
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in FAILING:
            stream.reconfigure(errors="replace")
