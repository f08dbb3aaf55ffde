"""What holds for all tests."""

import signal


def pytest_configure() -> None:
    """Hear Ctrl-C as a terminal sends it, also where a shell started the tests in the background.

    Such a shell lets its children ignore the signal, and tests of interrupts would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
