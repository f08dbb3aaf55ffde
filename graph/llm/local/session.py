"""One GGUF file in memory, and the contexts that compute with it."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from graph.llm.addresses import ModelError
from graph.llm.local.completion import Completion, Wanted
from graph.llm.local.context import Context, piece_of
from graph.llm.local.engine import load_model
from graph.llm.local.kept_prompts import KeptPrompts, shared_start
from graph.llm.local.share import Share
from graph.llm.local.template import render_chat
from graph.llm.local.weights import DEFAULT_WINDOW


class Session:
    """A model file in memory with a context for each reply that is written at once.

    `worker` has the threads that may call `complete`, one for each context. What a prompt shares
    with one before is not computed again.
    """

    def __init__(self, path: Path, share: Share) -> None:
        self._model = model = load_model(path)
        self._vocabulary = model.get_vocab()
        self.template: str = model.get_default_chat_template()
        if not self.template:
            raise ModelError(f"model {path}: it has no chat template; take an instruct model")
        self.window: int = min(share.window or DEFAULT_WINDOW, model.n_ctx_train)
        kept = KeptPrompts()
        self._contexts = [
            Context(model, self.window, share.threads, kept) for _ in range(share.at_once)
        ]
        self._free = list(self._contexts)
        self._turn = threading.Lock()
        self.worker = ThreadPoolExecutor(share.at_once, thread_name_prefix="local-model")

    def tokens_of(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """A conversation in the model's own chat template, as tokens."""
        text = render_chat(
            self.template,
            messages,
            bos_token=piece_of(self._vocabulary, self._vocabulary.token_bos()),
            eos_token=piece_of(self._vocabulary, self._vocabulary.token_eos()),
        )
        tokens: list[int] = self._vocabulary.tokenize(text, False, True)
        return tokens

    def complete(
        self, tokens: Sequence[int], wanted: Wanted, stopped: threading.Event
    ) -> Completion:
        """Write what follows `tokens`. Raises StoppedError where `stopped` is set by `stop`."""
        with self._context_for(tokens) as context:
            return context.complete(tokens, wanted, stopped)

    def stop(self, stopped: threading.Event) -> None:
        """End the call that watches this event, at once; from any thread."""
        stopped.set()
        for context in self._contexts:
            context.stop(stopped)

    @contextmanager
    def _context_for(self, tokens: Sequence[int]) -> Iterator[Context]:
        """The free context that has computed most of these tokens, while the block lasts."""
        with self._turn:
            context = max(self._free, key=lambda one: shared_start(one.computed, tokens))
            self._free.remove(context)
        try:
            yield context
        finally:
            with self._turn:
                self._free.append(context)


_opened: dict[tuple[int, Path, Share], Session] = {}
_opening = threading.Lock()


def open_session(path: Path, share: Share) -> Session:
    """The session of a file, loaded once in each process. Raises ModelError."""
    key = os.getpid(), path, share
    with _opening:
        if key not in _opened:
            _opened[key] = Session(path, share)
        return _opened[key]


def _renew_lock() -> None:
    """Make a lock in a process that was forked while a thread held the one before."""
    global _opening
    _opening = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
