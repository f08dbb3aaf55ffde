"""Answers as columns: one line an answer, the fields of `predictions.csv`, small and fast.

An *answer frame* is a pandas DataFrame with the columns `ANSWER_COLUMNS`: names are categories,
`respondent` and `draw` whole numbers, `truth` and `predicted` nullable whole numbers, and
`probabilities` an Arrow map from code to share, empty where nothing was read. `Shares` gives these
maps as flat arrays.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from baselines.method import Row

NAMES = [
    "graph",
    "variant",
    "model",
    "protocol",
    "item",
    "country",
    "dimension",
    "error",
    "decided_by",
    "cause",
    "message",
]
"""The columns that are categories."""
KEY = ["graph", "variant", "model", "protocol", "respondent", "fold", "item", "draw"]
"""What lines are sorted by."""
LEDGER_ONLY = ["cause", "message"]
"""The columns that the ledger has, and `predictions.csv` has not."""
PREDICTION_COLUMNS = [
    *KEY[:-1],
    "country",
    "dimension",
    "truth",
    "predicted",
    "probabilities",
    "readable",
    "error",
    "decided_by",
    "draw",
]
ANSWER_COLUMNS = [*PREDICTION_COLUMNS, *LEDGER_ONLY]
NO_CODE = -1
"""Stands for a missing truth or prediction in arrays; answers have codes from 0."""
MAP = pa.map_(pa.int32(), pa.float64())

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shares:
    """The probabilities of answers as flat arrays.

    Answer i has the `codes` and `values` from `edges[i]` to `edges[i + 1]`; `edges` has one entry
    more than there are answers.
    """

    codes: Codes
    values: Floats
    edges: NDArray[np.int64]

    def __len__(self) -> int:
        """How many answers there are."""
        return len(self.edges) - 1

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """Return the shares of the lines of an answer frame."""
        chunks: Any = frame["probabilities"].array._pa_array.combine_chunks()
        if isinstance(chunks, pa.ChunkedArray):
            chunks = pa.concat_arrays(chunks.chunks) if chunks.num_chunks else pa.array([], MAP)
        edges = np.asarray(chunks.offsets, dtype=np.int64)
        first, last = int(edges[0]), int(edges[-1])
        codes = np.asarray(chunks.keys[first:last], dtype=np.int64)
        values = np.asarray(chunks.items[first:last], dtype=float)
        return cls(codes, values, edges - first)

    @classmethod
    def of_maps(cls, maps: Iterable[Mapping[int, float]]) -> Self:
        """Return the shares of mappings from code to share, codes ascending."""
        codes: list[int] = []
        values: list[float] = []
        edges = [0]
        for shares in maps:
            for code in sorted(shares):
                codes.append(code)
                values.append(shares[code])
            edges.append(len(codes))
        return cls(np.array(codes, np.int64), np.array(values, float), np.array(edges, np.int64))

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> Self:
        """Return the shares of JSON objects, which map codes to numbers; "" stands for none.

        Raises ValueError for what is no JSON.
        """
        objects = json.loads(f"[{','.join(text or '{}' for text in texts)}]")
        maps = []
        for shares in objects:
            maps.append({int(code): float(share) for code, share in shares.items()})
        return cls.of_maps(maps)

    def take(self, lines: NDArray[np.intp]) -> "Shares":
        """Return the shares of some answers, in the order of `lines`."""
        starts, sizes = self.edges[lines], np.diff(self.edges)[lines]
        edges = np.concatenate([[0], np.cumsum(sizes)])
        places = np.repeat(starts - edges[:-1], sizes) + np.arange(edges[-1])
        return Shares(self.codes[places], self.values[places], edges)

    def slice(self, first: int, last: int) -> "Shares":
        """Return the shares of the answers from `first` up to `last`, without copying."""
        edges = self.edges[first : last + 1]
        inside = slice(int(edges[0]), int(edges[-1]))
        return Shares(self.codes[inside], self.values[inside], edges - edges[0])

    def dense(self, codes: Codes) -> Floats:
        """Return the share of each of these codes, 0 where an answer lacks it.

        `codes` ascend; shares of other codes are left out. Shape (answers, codes).
        """
        found: Floats = np.zeros((len(self), len(codes)))
        if not len(codes):
            return found
        places = np.searchsorted(codes, self.codes).clip(max=len(codes) - 1)
        known = codes[places] == self.codes
        lines = np.repeat(np.arange(len(self)), np.diff(self.edges))
        found[lines[known], places[known]] = self.values[known]
        return found

    def array(self) -> Any:
        """Return a pandas array of Arrow maps."""
        edges = pa.array(self.edges, pa.int32())
        codes, values = pa.array(self.codes, pa.int32()), pa.array(self.values, pa.float64())
        maps = pa.MapArray.from_arrays(edges, codes, values)
        return pd.array(maps, dtype=pd.ArrowDtype(MAP))


def answer_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Turn rows into an answer frame, in their order."""
    rows = list(rows)
    fields = [name for name in ANSWER_COLUMNS if name != "probabilities"]
    values = list(map(attrgetter(*fields), rows))
    columns = dict(zip(fields, zip(*values, strict=True), strict=False))
    shares = Shares.of_maps(row.probabilities for row in rows)
    return frame_of_columns({name: columns.get(name, ()) for name in fields}, shares)


def frame_of_columns(columns: Mapping[str, Any], shares: Shares) -> pd.DataFrame:
    """Make an answer frame of a sequence, an array or a categorical for each column.

    A string stands for a column of that value alone. `truth` and `predicted` may be `NO_CODE`.
    """
    size = len(shares)
    made: dict[str, Any] = {}
    for name in ANSWER_COLUMNS:
        if name == "probabilities":
            made[name] = shares.array()
        elif name in NAMES:
            made[name] = _category(columns.get(name, ""), size)
        elif name in ("truth", "predicted"):
            made[name] = _nullable(columns[name])
        elif name == "readable":
            made[name] = np.asarray(columns[name], dtype=bool)
        else:
            made[name] = np.asarray(columns.get(name, np.zeros(size)), dtype=np.int64)
    return pd.DataFrame(made, copy=False)


def join_frames(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Join answer frames, one after the other, with categories of all."""
    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    if not frames:
        return answer_frame(())
    columns: dict[str, Any] = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if name in NAMES:
            columns[name] = _join_categories(parts)
        else:
            columns[name] = pd.concat(parts, ignore_index=True).array
    return pd.DataFrame(columns, copy=False)


def _join_categories(parts: Sequence[pd.Series]) -> pd.Categorical:
    """Join columns of names, with the categories of all."""
    place: dict[str, int] = {}
    codes = []
    for part in parts:
        places = [place.setdefault(str(name), len(place)) for name in part.cat.categories]
        codes.append(np.array([*places, -1])[part.cat.codes])
    return categorical(np.concatenate(codes), list(place))


def sort_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort an answer frame as `predictions.csv` is sorted."""
    keys = []
    for name in reversed(KEY):
        column = frame[name]
        if name in NAMES:
            order = np.argsort(np.argsort(np.asarray(column.cat.categories, dtype=object)))
            keys.append(order[column.cat.codes] if len(order) else np.zeros(len(frame)))
        else:
            keys.append(column.to_numpy())
    places = np.lexsort(keys)
    if (np.diff(places) == 1).all():
        return frame
    return frame.iloc[places].reset_index(drop=True)


def codes_of_column(column: pd.Series) -> Codes:
    """Return a column of nullable codes as an array, with `NO_CODE` where there is none."""
    return column.to_numpy(np.int64, na_value=NO_CODE)


def categorical(places: NDArray[np.integer[Any]], names: Sequence[str]) -> pd.Categorical:
    """Return names as categories, by their place in `names`, which holds each one once."""
    dtype = pd.CategoricalDtype(pd.Index(list(names), dtype=object))
    return pd.Categorical.from_codes(places, dtype=dtype)


def _category(values: Any, size: int) -> pd.Categorical:
    """Return names as categories; one name stands for a whole column."""
    if isinstance(values, pd.Categorical):
        return values
    if isinstance(values, str):
        return categorical(np.zeros(size, np.int8), [values])
    places, names = pd.factorize(np.asarray(values, dtype=object), sort=True)
    return categorical(places, list(names))


def _nullable(values: Any) -> Any:
    """Return codes as nullable whole numbers; None and `NO_CODE` are missing."""
    if isinstance(values, np.ndarray):
        return pd.arrays.IntegerArray(values.astype(np.int64), values == NO_CODE)
    codes = np.array([NO_CODE if code is None else code for code in values], np.int64)
    return pd.arrays.IntegerArray(codes, codes == NO_CODE)
