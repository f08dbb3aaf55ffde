"""What holds for all tests."""

import os
import signal

os.environ["VALUESIM_DATA"] = "synthetic"
os.environ["VALUESIM_MODEL"] = "offline"
# Where a test names neither, the stand-in answers for people who never lived, in child processes too.


def pytest_configure() -> None:
    """Hear Ctrl-C as a terminal sends it, also where a shell started the tests in the background.

    Such a shell lets its children ignore the signal, and tests of interrupts would wait for ever. Commands print
    all tables, where a test does not ask for the short output.
    """
    os.environ["VALUESIM_TABLES"] = "all"
    signal.signal(signal.SIGINT, signal.default_int_handler)
