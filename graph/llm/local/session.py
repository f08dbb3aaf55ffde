"""One GGUF file in memory: tokens in, tokens out, one call after the other."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from graph.llm.addresses import ModelError
from graph.llm.local.completion import (
    REPEATS_WITHIN,
    Completion,
    StoppedError,
    Wanted,
    log_softmax,
)
from graph.llm.local.engine import READ_AT_ONCE, load_engine, load_model, open_context
from graph.llm.local.kept_prompts import SEQUENCE, KeptPrompts, shared_start
from graph.llm.local.template import render_chat
from graph.llm.local.weights import DEFAULT_WINDOW

BYTES_PER_TOKEN = 32
"""More than the text of any token."""


class Session:
    """A model file in memory with one context of `window` tokens, computed with `threads` threads.

    `worker` is the one thread that may call it. What a prompt shares with one before is not
    computed again.
    """

    def __init__(self, path: Path, window: int | None, threads: int) -> None:
        self._model = load_model(path)
        self._vocabulary = self._model.get_vocab()
        self.template: str = self._model.get_default_chat_template()
        if not self.template:
            raise ModelError(f"model {path}: it has no chat template; take an instruct model")
        self.window = min(window or DEFAULT_WINDOW, self._model.n_ctx_train)
        self._context = open_context(self._model, self.window, threads)
        self._computed: list[int] = []
        self._kept = KeptPrompts(self._context)
        self._running: threading.Event | None = None
        self._turn = threading.Lock()
        self.worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="local-model")

    def tokens_of(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """A conversation in the model's own chat template, as tokens."""
        text = render_chat(
            self.template,
            messages,
            bos_token=self._piece(self._vocabulary.token_bos()),
            eos_token=self._piece(self._vocabulary.token_eos()),
        )
        tokens: list[int] = self._vocabulary.tokenize(text, False, True)
        return tokens

    def complete(
        self, tokens: Sequence[int], wanted: Wanted, stopped: threading.Event
    ) -> Completion:
        """Write what follows `tokens`. Raises StoppedError where `stopped` is set by `stop`."""
        with self._stoppable(stopped):
            self._read(tokens)
            return self._write(min(wanted.most, self.window - len(tokens)), wanted)

    def stop(self, stopped: threading.Event) -> None:
        """End the call that watches this event, at once; from any thread."""
        with self._turn:
            stopped.set()
            if self._running is stopped:
                self._context.cancel = True

    @contextmanager
    def _stoppable(self, stopped: threading.Event) -> Iterator[None]:
        """Let `stop` end what is computed while the block lasts."""
        with self._turn:
            self._running, self._context.cancel = stopped, stopped.is_set()
        try:
            yield
        except InterruptedError:  # of a step that was not computed to its end
            raise StoppedError from None
        finally:
            with self._turn:
                self._running, self._context.cancel = None, False

    def _write(self, room: int, wanted: Wanted) -> Completion:
        """Write what follows the tokens that are computed, at most `room` tokens."""
        reply: list[int] = []
        told: list[dict[str, Any]] = []
        choose = self._sampler(wanted)
        while len(reply) < room:
            token: int = choose.sample(self._context, -1)
            if self._vocabulary.is_eog(token):
                return Completion(self._text(reply), len(reply), "stop", told)
            if wanted.alternatives is not None:
                told.append(self._told(token, wanted.alternatives))
            reply.append(token)
            if (cut := self._cut_at_stop(reply, wanted.stop)) is not None:
                return Completion(cut, len(reply), "stop", told)
            self._append([token])
        return Completion(self._text(reply), len(reply), "length", told)

    def _sampler(self, wanted: Wanted) -> Any:
        """How llama.cpp chooses the next token."""
        engine, sampling = load_engine(), wanted.sampling
        sampler = engine.LlamaSampler(engine.LlamaSamplerChainParams())
        if wanted.grammar:
            sampler.add_grammar(self._vocabulary, wanted.grammar, "root")
        if sampling.repeat_penalty != 1:
            sampler.add_penalties(REPEATS_WITHIN, sampling.repeat_penalty, 0, 0)
        if sampling.temperature == 0:
            sampler.add_greedy()
            return sampler
        if sampling.top_p < 1:
            sampler.add_top_p(sampling.top_p, 1)
        sampler.add_temp(sampling.temperature)
        sampler.add_dist(sampling.seed)
        return sampler

    def _read(self, tokens: Sequence[int]) -> None:
        """Compute a prompt from where it differs from what is computed; its last token always."""
        self._computed = self._kept.swap(self._computed, tokens[:-1])
        same = shared_start(self._computed, tokens[:-1])
        if not self._context.memory_seq_rm(SEQUENCE, same, -1):
            self._context.kv_cache_clear()
            same = 0
        del self._computed[same:]
        for start in range(same, len(tokens), READ_AT_ONCE):
            self._append(tokens[start : start + READ_AT_ONCE])

    def _append(self, tokens: Sequence[int]) -> None:
        """Compute tokens that follow those computed."""
        if self._context.cancel:
            raise StoppedError
        batch = load_engine().llama_batch_get_one(list(tokens), len(self._computed))
        self._context.decode(batch)
        self._computed.extend(tokens)

    def _cut_at_stop(self, reply: Sequence[int], stop: Sequence[str]) -> str | None:
        """The reply before the first text that ends it; None while there is none."""
        if not stop:
            return None
        text = self._text(reply)
        places = [text.find(word) for word in stop if word in text]
        return text[: min(places)] if places else None

    def _told(self, token: int, alternatives: int) -> dict[str, Any]:
        """The log-probability of a token, and the most probable ones in its place."""
        logprobs = log_softmax(np.asarray(self._context.get_logits_ith(-1), np.float64))
        best = np.argsort(-logprobs, kind="stable")[:alternatives]
        entry = self._entry(token, float(logprobs[token]))
        entry["top_logprobs"] = [self._entry(int(one), float(logprobs[one])) for one in best]
        return entry

    def _entry(self, token: int, logprob: float) -> dict[str, Any]:
        return {"token": self._piece(token), "logprob": logprob}

    def _piece(self, token: int) -> str:
        """One token as text; special tokens as they are written in templates."""
        piece: str = "" if token < 0 else self._vocabulary.token_to_piece(token, 0, True)
        return piece

    def _text(self, tokens: Sequence[int]) -> str:
        """Tokens as text. They are put together as bytes: one sign may take several tokens."""
        room = (len(tokens) + 1) * BYTES_PER_TOKEN
        text: str = self._vocabulary.detokenize(list(tokens), room, False, False)
        return text


_opened: dict[tuple[int, Path, int | None, int], Session] = {}
_opening = threading.Lock()


def open_session(path: Path, window: int | None, threads: int | None) -> Session:
    """The session of a file, loaded once in each process. Raises ModelError."""
    count = threads or default_threads()
    key = os.getpid(), path, window, count
    with _opening:
        if key not in _opened:
            _opened[key] = Session(path, window, count)
        return _opened[key]


def _renew_lock() -> None:
    """Make a lock in a process that was forked while a thread held the one before."""
    global _opening
    _opening = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def default_threads() -> int:
    """All processors that this process may use but one, which is left to everything else.

    Threads wait for each other at every step: one that has to share its processor holds up all.
    """
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max((count or 1) - 1, 1)
