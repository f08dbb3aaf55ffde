"""Nearest known answers by cosine similarity, with langchain-community's FAISS store; its only
user.
"""

import re
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from graph.llm.factory import embeddings_of
from graph.llm.vectors import Vectors, check_vectors, normalize
from graph.settings import Settings
from graph.state import Evidence
from survey.profile import Answer, Option, profile_lines, question_text

RELEASED_THRESHOLD = 0.3
KEPT_INDEXES = 64
ROUNDED = 6  # decimals of a similarity that count: equal vectors differ by float noise alone

_indexes: OrderedDict[tuple[int, str], Any] = OrderedDict()


async def closest_answers(
    known: Sequence[str],
    items: Sequence[str],
    query: str,
    embeddings: Embeddings,
    top_k: int,
    threshold: float | None = None,
) -> list[Evidence]:
    """The `top_k` lines of highest cosine similarity to `query`, best first; ties in the order of
    their `items`.

    `threshold` drops lines less similar than that, unless it would drop them all. No lines give no
    evidence.
    """
    if not known:
        return []
    index = await _index(known, embeddings)
    [vector] = normalize(await _vectors([query], embeddings, index.index.d))
    found = index.similarity_search_with_score_by_vector(vector.tolist(), k=len(known))
    scored = [
        (round(float(score), ROUNDED), document.metadata["place"]) for document, score in found
    ]
    scored.sort(key=lambda pair: (-pair[0], _item_order(items[pair[1]]), pair[1]))
    passing = [pair for pair in scored if threshold is None or pair[0] >= threshold] or scored
    return [Evidence(line=known[place], similarity=score) for score, place in passing[:top_k]]


async def retrieve_evidence(
    profile: Sequence[Answer],
    question: str,
    options: Sequence[Option],
    settings: Settings,
    top_k: int,
) -> list[Evidence]:
    """The `top_k` known answers closest to a question with its options, as labelled lines; none
    that is unlike it.
    """
    items = [answer.get("item", "") for answer in profile]
    query = question_text(question, options)
    found = await closest_answers(
        profile_lines(profile), items, query, embeddings_of(settings), top_k
    )
    return [one for one in found if one["similarity"] > 0]


async def _index(lines: Sequence[str], embeddings: Embeddings) -> Any:
    """The FAISS store of one profile; the last few are kept, since a profile is asked many
    questions.
    """
    key = (id(embeddings), sha256("\0".join(lines).encode()).hexdigest())
    if key not in _indexes:
        vectors = normalize(await _vectors(list(lines), embeddings))
        _indexes[key] = _store(lines, vectors, embeddings)
        while len(_indexes) > KEPT_INDEXES:
            _indexes.popitem(last=False)
    _indexes.move_to_end(key)
    return _indexes[key]


def _store(lines: Sequence[str], vectors: NDArray[np.float32], embeddings: Embeddings) -> Any:
    """A store over unit vectors by inner product, which is cosine similarity."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="`langchain-community` is being sunset", category=DeprecationWarning
        )
        from langchain_community.vectorstores import FAISS
        from langchain_community.vectorstores.utils import DistanceStrategy
    return FAISS.from_embeddings(
        list(zip(lines, vectors.tolist(), strict=True)),
        embeddings,
        metadatas=[{"place": place} for place in range(len(lines))],
        distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT,
    )


async def _vectors(texts: list[str], embeddings: Embeddings, size: int | None = None) -> Vectors:
    """The vectors of these texts, looked at here too, since embeddings may be the caller's own."""
    return check_vectors(await embeddings.aembed_documents(texts), texts, size, zeros=True)


def _item_order(item: str) -> tuple[int, str]:
    """Questionnaire order: Q2 before Q10; items without a number last."""
    number = re.search(r"\d+", item)
    return (int(number[0]) if number else 10**6, item)
