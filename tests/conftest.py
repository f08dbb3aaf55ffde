"""What holds for all tests."""

import os
import signal

os.environ["VALUESIM_DATA"] = "synthetic"
os.environ["VALUESIM_MODEL"] = "offline"
os.environ["VALUESIM_TABLES"] = "all"
# Where a test names none, the stand-in answers for people who never lived, and all tables are printed; in child
# processes too.


def pytest_configure() -> None:
    """Hear Ctrl-C as a terminal sends it, also where a shell started the tests in the background.

    Such a shell lets its children ignore the signal, and tests of interrupts would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
