"""Embeddings around others: each distinct text is embedded once, and its vector kept on disk."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from langchain_core.embeddings import Embeddings

from evals.store.budget import EMBEDDINGS
from evals.store.cache_key import cache_key
from evals.store.call_store import CallStore
from evals.store.refusals import PROBE_PROMPT, Probe
from graph.llm.usage import estimate_tokens
from graph.llm.vectors import BadVectorsError, Counted, Vectors, check_vectors

EMBEDDING_BATCH_SIZE = 256
"""Most texts in one request."""


class CachedEmbeddings(Embeddings):
    """Takes vectors from the call store, or asks the `inner` embeddings and keeps them.

    `identity` is everything that decides a vector besides the text: provider, base URL, model.
    """

    def __init__(self, inner: Embeddings, store: CallStore, identity: Mapping[str, Any]) -> None:
        self._inner, self._store = inner, store
        self._identity = {**identity, "kind": "embedding"}
        self._vectors: dict[str, Vectors] = {}
        self._one_at_a_time = asyncio.Lock()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse: the store is asynchronous."""
        raise NotImplementedError("the call store is asynchronous: use aembed_documents")

    def embed_query(self, text: str) -> list[float]:
        """Refuse: the store is asynchronous."""
        raise NotImplementedError("the call store is asynchronous: use aembed_documents")

    async def aembed_query(self, text: str) -> list[float]:
        """The vector of one text."""
        return (await self.aembed_documents([text]))[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Vectors of these texts, in their order."""
        if any(text not in self._vectors for text in texts):
            async with self._one_at_a_time:
                distinct = dict.fromkeys(texts)
                await self._load([text for text in distinct if text not in self._vectors])
        vectors: Any = [self._vectors[text] for text in texts]  # arrays serve as lists of floats
        return vectors  # type: ignore[no-any-return]

    async def _load(self, texts: list[str]) -> None:
        """Take the vectors of these texts from disk, and the others from the model."""
        keys = {text: cache_key(self._identity, text) for text in texts}
        stored = self._select_matching(self._store.find_vectors(keys.values()))
        new = []
        for text, key in keys.items():
            if key in stored:
                self._vectors[text] = stored[key]
            else:
                new.append(text)
        for start in range(0, len(new), EMBEDDING_BATCH_SIZE):
            part = {text: keys[text] for text in new[start : start + EMBEDDING_BATCH_SIZE]}
            self._vectors |= await self._request(part)

    def _select_matching(self, stored: dict[str, Vectors]) -> dict[str, Vectors]:
        """Those stored vectors that have the most common length, also among those in use.

        None at all where they are one and the same vector.
        """
        lengths = Counter(len(vector) for vector in (*self._vectors.values(), *stored.values()))
        if not lengths:
            return {}
        [(length, _)] = lengths.most_common(1)
        matching = {key: vector for key, vector in stored.items() if len(vector) == length}
        try:
            check_vectors(list(matching.values()), list(matching))
        except BadVectorsError:
            return {}
        return matching

    async def _request(self, keys: Mapping[str, str]) -> dict[str, Vectors]:
        """Request vectors within limits and with retries; `keys` are cache keys by text."""
        texts = list(keys)
        probe = Probe(
            cache_key(self._identity, PROBE_PROMPT),
            partial(self._inner.aembed_documents, [PROBE_PROMPT]),
        )
        return await self._store.single_flight(
            cache_key(self._identity, texts),
            sum(map(len, texts)),
            partial(self._embed, keys),
            EMBEDDINGS,
            probe,
        )

    async def _embed(self, keys: Mapping[str, str]) -> dict[str, Vectors]:
        """Embed these texts once; check the vectors and keep them before they are used.

        Raises BadVectorsError for vectors that cannot be used.
        """
        texts = list(keys)
        made: Any
        if isinstance(self._inner, Counted):
            made, tokens = await self._inner.counted(texts)
        else:
            made = await self._inner.aembed_documents(texts)
            tokens = sum(map(estimate_tokens, texts))
        length = len(next(iter(self._vectors.values()))) if self._vectors else None
        vectors = check_vectors(made, texts, length, zeros=not isinstance(self._inner, Counted))
        self._store.keep_vectors(dict(zip(keys.values(), vectors, strict=True)), tokens)
        return dict(zip(texts, vectors, strict=True))
