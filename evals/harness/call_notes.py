"""Notes on the calls behind an answer, so that a reader of a run finds the replies again."""

from collections.abc import Iterator
from contextlib import contextmanager

from baselines.method import UsedCall
from evals.store.cached_chat import used_calls
from graph.variants import PERSPECTIVES

ORDER = ("story", *PERSPECTIVES, "coordinator")
"""The order of the calls to one answer; a graph with one call makes no other."""


class CallNotes:
    """Collects the calls behind one answer. `calls` holds template, draw and key of each."""

    def __init__(self) -> None:
        self.calls: list[UsedCall] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the block lasts, models behind a call store add to these notes what the present
        task and those that it begins ask them.
        """
        before = used_calls.set(self.calls)
        try:
            yield
        finally:
            used_calls.reset(before)

    def in_order(self) -> tuple[UsedCall, ...]:
        """Return each call once, by draw and in the order of the graph, with its short name."""
        named = {(call_name(template), draw, key) for template, draw, key in self.calls}
        return tuple(sorted(named, key=_place))


def call_name(template: str) -> str:
    """Return the name of a call: that of its template, without folder and protocol."""
    return template.removeprefix("predict/").removesuffix("_published")


def _place(call: UsedCall) -> tuple[int, int, str, str]:
    """Return what calls are sorted by."""
    name, draw, key = call
    return draw, ORDER.index(name) if name in ORDER else len(ORDER), name, key
