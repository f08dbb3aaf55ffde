"""Python's search for unreachable objects, which would cost a quarter of a run's time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 50_000
"""New objects after which Python looks for unreachable ones among them; calls that succeed
leave none behind.
"""


@contextmanager
def search_new_objects_only() -> Iterator[None]:
    """While the block lasts, look for unreachable objects among those that it makes.

    Modules, codebook and survey are hundreds of thousands of objects that stay; a run makes so many
    new ones that Python would look through all of those again and again.
    """
    before, own = gc.get_threshold(), not gc.get_freeze_count()
    if own:
        gc.freeze()
    gc.set_threshold(YOUNG if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if own:
            gc.unfreeze()
