"""While calls are in flight, Python looks for unreachable objects among the new ones alone."""

import gc
import weakref

import pytest

from evals.runner.garbage import YOUNG, search_new_objects_only


class Ring:
    """An object that holds itself, so that only a search finds it unreachable."""

    def __init__(self) -> None:
        self.self = self


def test_old_objects_are_left_alone_and_new_ones_found() -> None:
    before = gc.get_threshold()
    with search_new_objects_only():
        assert gc.get_freeze_count() > 10_000 and gc.get_threshold()[0] == YOUNG
        found = weakref.ref(Ring())
        gc.collect()
        assert found() is None
    assert gc.get_freeze_count() == 0 and gc.get_threshold() == before


def test_all_is_as_before_after_an_error_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(KeyboardInterrupt), search_new_objects_only():
        raise KeyboardInterrupt
    assert gc.get_freeze_count() == 0 and gc.get_threshold() == before


def test_whoever_switched_the_search_off_or_froze_objects_finds_it_so() -> None:
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(0, 10, 10)
    try:
        with search_new_objects_only():
            assert gc.get_threshold()[0] == 0
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
