"""Embeddings of an OpenAI-compatible server: each vector with its own text, checked, and the tokens
counted.
"""

from typing import Any

from langchain_core.embeddings import Embeddings
from openai import AsyncOpenAI

from graph.llm.transport import NoReplyError, post
from graph.llm.usage import estimate_tokens, token_count
from graph.llm.vectors import Vectors, check_vectors, order_vectors

AT_ONCE = 256
"""Texts in one request."""


class LeanOpenAIEmbeddings(Embeddings):
    """Asks for vectors as they are needed; a whole call takes no longer than `timeout` seconds."""

    def __init__(self, client: AsyncOpenAI, model: str, timeout: float | None = None) -> None:
        self.client, self.model, self.timeout = client, model, timeout

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse: all calls here are asynchronous."""
        raise NotImplementedError("these embeddings are asynchronous: use aembed_documents")

    def embed_query(self, text: str) -> list[float]:
        """Refuse: all calls here are asynchronous."""
        raise NotImplementedError("these embeddings are asynchronous: use aembed_query")

    async def aembed_query(self, text: str) -> list[float]:
        """The vector of one text. Raises as `counted`."""
        return (await self.aembed_documents([text]))[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of these texts, in their order. Raises as `counted`."""
        parts = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
        return [row for part in parts for row in (await self.counted(part))[0].tolist()]

    async def counted(self, texts: list[str]) -> tuple[Vectors, int]:
        """The vectors of a few texts, a row each, and the tokens that they took, estimated where
        nothing is told.

        Raises BadVectorsError for what cannot be used, and what `graph.llm.transport.post` raises.
        """
        body = {"model": self.model, "input": texts, "encoding_format": "base64"}
        reply = await post(self.client, "/embeddings", body, self.timeout)
        if error := reply.get("error"):
            raise NoReplyError(f"the server sent an error in place of vectors: {error}")
        vectors = check_vectors(order_vectors(reply.get("data")), texts)
        told = _tokens(reply.get("usage"))
        return vectors, told if told >= len(texts) else sum(map(estimate_tokens, texts))


def _tokens(usage: Any) -> int:
    """The tokens that a server says it read; 0 where it says nothing of the kind."""
    told = usage if isinstance(usage, dict) else {}
    return token_count(told.get("prompt_tokens")) or token_count(told.get("total_tokens")) or 0
