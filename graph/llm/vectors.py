"""Check vectors of texts before they are kept or used: a bad one would silently change RAG."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from graph.llm.errors import FaultError

Vectors = NDArray[np.float32]
ALIKE = 3
"""From this many different texts on, equal vectors are an error."""


class BadVectorsError(FaultError):
    """Embeddings that cannot be used; one line says why."""

    kind = "bad_vectors"
    again = True
    tries = 2


@runtime_checkable
class Counted(Protocol):
    """Embeddings that tell how many tokens they took."""

    async def counted(self, texts: list[str]) -> tuple[Vectors, int]:
        """The vectors of these texts, a row each, and their tokens."""


def check_vectors(
    made: Sequence[Any] | Vectors,
    texts: Sequence[str],
    size: int | None = None,
    zeros: bool = False,
) -> Vectors:
    """Return the vectors of these texts as a matrix of `len(texts)` rows, or raise BadVectorsError.

    `size` is how many numbers each must have, where that is known. `zeros` allows vectors of zeros,
    as from embeddings that count words.
    """
    if len(made) != len(texts):
        raise BadVectorsError(f"the server sent {len(made)} vectors for {len(texts)} texts")
    rows = [_row(vector, zeros) for vector in made]
    if not rows:
        return np.empty((0, size or 0), dtype=np.float32)
    sizes = sorted({size or len(rows[0]), *map(len, rows)})
    if len(sizes) > 1:
        raise BadVectorsError(f"the server sent vectors of {sizes[0]} numbers and of {sizes[-1]}")
    matrix = np.stack(rows)
    if len(set(texts)) >= ALIKE and bool((matrix == matrix[0]).all()) and not zeros:
        raise BadVectorsError(
            f"the server sent one and the same vector for {len(set(texts))} different texts"
        )
    return matrix


def is_usable(vector: Vectors) -> bool:
    """Whether a stored vector can be used."""
    try:
        _row(vector)
    except BadVectorsError:
        return False
    return True


def normalize(vectors: Vectors) -> Vectors:
    """Return the vectors (a row each) scaled to length 1; zeros stay zeros.

    The function computes in double precision, since squares of large numbers overflow.
    """
    wide = vectors.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(wide / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def order_vectors(data: Any) -> list[Any]:
    """Return the vectors of a server's reply in the order of the texts. Raises BadVectorsError."""
    if not isinstance(data, list) or not all(isinstance(part, dict) for part in data):
        raise BadVectorsError("the server sent no vectors")
    places = [part.get("index") for part in data]
    if all(place is None for place in places):
        return [part.get("embedding") for part in data]
    if any(isinstance(place, bool) or not isinstance(place, int) for place in places):
        raise BadVectorsError("the server does not say which vector belongs to which text")
    if sorted(places) != list(range(len(data))):
        raise BadVectorsError("the server numbers its vectors so that some text has none or two")
    by_place = {part["index"]: part.get("embedding") for part in data}
    return [by_place[place] for place in range(len(data))]


def _row(vector: Any, zeros: bool = False) -> Vectors:
    """One vector. Raises BadVectorsError where it is none, or one that is like no text."""
    row = _numbers(vector)
    if not row.size:
        raise BadVectorsError("the server sent an empty vector")
    with np.errstate(over="ignore"):
        small = row.astype(np.float32)
    if not np.isfinite(small).all():
        raise BadVectorsError("the server sent a vector with numbers that are not finite")
    if not zeros and not small.any():
        raise BadVectorsError("the server sent a vector of zeros")
    return small


def _numbers(vector: Any) -> NDArray[Any]:
    """The numbers of one vector, written as a list or packed into base64. Raises
    BadVectorsError.
    """
    if isinstance(vector, str):
        return _unpacked(vector)
    if vector is None:
        raise BadVectorsError("the server sent null in place of a vector")
    try:
        row = np.asarray(vector)
    except ValueError:
        raise BadVectorsError("the server sent a vector of lists of different lengths") from None
    if row.ndim != 1:
        raise BadVectorsError("the server sent something else in place of a vector")
    if row.size and row.dtype.kind not in "fiu":
        raise BadVectorsError("the server sent a vector of something else than numbers")
    return row


def _unpacked(text: str) -> NDArray[Any]:
    """The numbers in base64. Raises BadVectorsError."""
    try:
        packed = base64.b64decode(text, validate=True)
        return np.frombuffer(packed, dtype="<f4")
    except (binascii.Error, ValueError):
        raise BadVectorsError("the server sent a vector in base64 that is broken") from None
