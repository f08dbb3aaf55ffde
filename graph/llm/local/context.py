"""One context of a model file in memory: tokens in, tokens out, one call after the other."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from graph.llm.local.completion import (
    REPEATS_WITHIN,
    Completion,
    StoppedError,
    Wanted,
    log_softmax,
)
from graph.llm.local.engine import READ_AT_ONCE, load_engine, open_context
from graph.llm.local.kept_prompts import SEQUENCE, KeptPrompts, shared_start

BYTES_PER_TOKEN = 32
"""More than the text of any token."""


class Context:
    """A context of `window` tokens, computed with `threads` threads; one thread at a time calls it.

    What a prompt shares with one before, of this context or another one with the same `kept`, is
    not computed again.
    """

    def __init__(self, model: Any, window: int, threads: int, kept: KeptPrompts) -> None:
        self._vocabulary = model.get_vocab()
        self._window = window
        self._context = open_context(model, window, threads)
        self.computed: list[int] = []
        self._kept = kept
        self._running: threading.Event | None = None
        self._turn = threading.Lock()

    def complete(
        self, tokens: Sequence[int], wanted: Wanted, stopped: threading.Event
    ) -> Completion:
        """Write what follows `tokens`. Raises StoppedError where `stopped` is set by `stop`."""
        with self._stoppable(stopped):
            try:
                self._read(tokens)
                return self._write(min(wanted.most, self._window - len(tokens)), wanted)
            finally:
                self._forget_after(min(len(tokens), len(self.computed)))

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
        """Compute a prompt from where it differs from what is computed; its last two tokens always.

        No step is of one token, and what the model wrote itself, token by token, is read again: so
        the outcome is the same to the last bit, whatever was computed before.
        """
        self.computed = self._kept.swap(self._context, self.computed, tokens[:-2])
        same = shared_start(self.computed, tokens[:-2])
        self._forget_after(same)
        while rest := len(tokens) - len(self.computed):
            step = rest if rest <= READ_AT_ONCE + 1 else READ_AT_ONCE
            self._append(tokens[len(self.computed) :][:step])
        self._kept.keep(self._context, self.computed, same)

    def _forget_after(self, place: int) -> None:
        """Have the first `place` of the computed tokens computed, and no more."""
        if not self._context.memory_seq_rm(SEQUENCE, place, -1):
            self._context.kv_cache_clear()
            place = 0
        del self.computed[place:]

    def _append(self, tokens: Sequence[int]) -> None:
        """Compute tokens that follow those computed."""
        if self._context.cancel:
            raise StoppedError
        batch = load_engine().llama_batch_get_one(list(tokens), len(self.computed))
        self._context.decode(batch)
        self.computed.extend(tokens)

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
        return piece_of(self._vocabulary, token)

    def _text(self, tokens: Sequence[int]) -> str:
        """Tokens as text. They are put together as bytes: one sign may take several tokens."""
        room = (len(tokens) + 1) * BYTES_PER_TOKEN
        text: str = self._vocabulary.detokenize(list(tokens), room, False, False)
        return text


def piece_of(vocabulary: Any, token: int) -> str:
    """One token as text; special tokens as they are written in templates."""
    piece: str = "" if token < 0 else vocabulary.token_to_piece(token, 0, True)
    return piece
