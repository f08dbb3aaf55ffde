"""Notes on the calls behind an answer, so that a reader of a run finds the replies again."""

from typing import Any

from baselines.method import UsedCall
from evals.store.cached_chat import CachedChatModel
from graph.settings import Settings
from graph.variants import PERSPECTIVES

ORDER = ("story", *PERSPECTIVES, "coordinator")
"""The order of the calls to one answer; a graph with one call makes no other."""


class CallNotes:
    """Collects the calls behind one answer. `calls` holds template, draw and key of each."""

    def __init__(self) -> None:
        self.calls: list[UsedCall] = []

    def listen(self, settings: Settings) -> Settings:
        """Return the settings with models that add their calls to these notes.

        Models that are not behind a call store stay as they are.
        """
        models: dict[str, Any] = {}
        for name in ("chat", "coordinator"):
            model = getattr(settings, name)
            if isinstance(model, CachedChatModel):
                models[name] = model.model_copy(update={"used": self.calls})
        return settings.model_copy(update=models)

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
