"""Sums over people, from which ridge regressions of any columns on any others follow."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from baselines.onehot import Design, Places, Vector, scale_slopes
from survey.respondents import Respondents

BLOCK = 2048
"""People at once: enough for speed, few enough for memory."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over some people: how many they are, and the total of each column.

    `cross`: the sums of products of each two columns, where people are many. Where they are fewer
    than columns, `rows` in its place: the people themselves, shape (people, columns).
    """

    design: Design
    people: int
    total: Vector
    cross: Matrix | None
    rows: Matrix | None

    @classmethod
    def of(cls, design: Design, people: Respondents, chosen: Places) -> "Moments":
        """Add up the chosen people (rows from 0), in blocks.

        Products of indicators are counts, which float32 holds exactly.
        """
        width, plain = design.width, design.columns.width
        if len(chosen) < width:
            rows = design.rows(design.codes(people, chosen))
            return cls(design, len(chosen), rows.sum(axis=0), None, rows)
        total, cross = np.zeros(width), np.zeros((width, width))
        with single_threaded():
            for start in range(0, len(chosen), BLOCK):
                marks, numbers = design.matrix(design.codes(people, chosen[start : start + BLOCK]))
                block = np.hstack([marks, numbers])
                total += block.sum(axis=0)
                cross[:plain, :plain] += marks.T @ marks
                cross[plain:] += numbers.T @ block
        cross[:plain, plain:] = cross[plain:, :plain].T
        return cls(design, len(chosen), total, cross, None)

    def __add__(self, others: "Moments") -> "Moments":
        """The moments of both groups together; both must have the same design."""
        people, total = self.people + others.people, self.total + others.total
        if self.rows is not None and others.rows is not None:
            rows = np.concatenate([self.rows, others.rows])
            return Moments(self.design, people, total, None, rows)
        return Moments(self.design, people, total, self.products() + others.products(), None)

    def products(self) -> Matrix:
        """The sums of products of each two columns, shape (columns, columns)."""
        if self.cross is not None:
            return self.cross
        rows = np.asarray(self.rows)
        return np.asarray(rows.T @ rows)

    @property
    def mean(self) -> Vector:
        """The mean of each column; 0 where there are no people."""
        return self.total / max(self.people, 1)

    def coefficients(self, known: Places, asked: Places, ridge: float) -> Matrix:
        """What each known column, less its mean, adds to each column asked; shape (known, asked).

        Ridge regression on the known columns and on the numeric column of every item among them. A
        numeric column is the sum of its item's indicators with weights w, so it need not be made:
        the same follows from the indicators alone with penalty (I + ww')^-1 = I - ww' / (1 + w'w)
        in place of I. Where people are fewer than known columns, the equations are solved for
        people in place of columns.
        """
        with single_threaded():
            if self.cross is None and self.people < len(known):
                return self._by_people(known, asked, ridge)
            return self._by_columns(known, asked, ridge)

    def _by_columns(self, known: Places, asked: Places, ridge: float) -> Matrix:
        """Solve for columns."""
        weights = self._weights[known]
        covered = self._spread(known, known)
        covered.flat[:: len(known) + 1] += ridge
        shrunk = sparse.diags_array(ridge / (1 + (weights * weights).sum(axis=0)))
        blocks = (weights @ shrunk @ weights.T).tocoo()
        covered[blocks.row, blocks.col] -= blocks.data
        return _solve(covered, self._spread(known, asked))

    def _by_people(self, known: Places, asked: Places, ridge: float) -> Matrix:
        """Solve for people: products over known columns are those over all, less the others."""
        alike = self._alike - self._alikeness(np.delete(np.arange(len(self.total)), known))
        alike.flat[:: self.people + 1] += ridge
        weighed = (self._centred.T @ _solve(alike, self._centred[:, asked]))[known]
        weights = self._weights[known]
        return np.asarray(weighed + weights @ (weights.T @ weighed))

    @cached_property
    def _alike(self) -> Matrix:
        """Products of people over all columns, shape (people, people)."""
        return self._alikeness(np.arange(len(self.total)))

    def _alikeness(self, places: Places) -> Matrix:
        """Products of people over some columns and the numeric columns of their items.

        The shape is (people, people).
        """
        some = self._centred[:, places]
        both = np.hstack([some, some @ self._weights[places]])
        return np.asarray(both @ both.T)

    @cached_property
    def _centred(self) -> Matrix:
        """The people less the means, where `rows` holds them; shape (people, columns)."""
        return np.asarray(self.rows) - self.mean

    def _spread(self, left: Places, right: Places) -> Matrix:
        """Centred cross-products."""
        if self.cross is None:
            return np.asarray(self._centred[:, left].T @ self._centred[:, right])
        found = self.cross.take(left, axis=0).take(right, axis=1)
        found -= np.outer(self.total[left], self.mean[right])
        return found

    @cached_property
    def _weights(self) -> sparse.csr_array:
        """The weight of each column in the numeric column of each item, shape (columns, items)."""
        columns = self.design.columns
        item = np.repeat(np.arange(len(columns.items)), np.diff(columns.edges))
        weights = scale_slopes(columns, self.total[: columns.width])
        shape = (self.design.width, len(columns.items))
        found = sparse.csr_array((weights, (np.arange(columns.width), item)), shape=shape)
        found.eliminate_zeros()
        return found


def _solve(matrix: Matrix, right: Matrix) -> Matrix:
    """Solve for a symmetric positive definite matrix, which is overwritten."""
    # the transpose is in LAPACK's order, so that it makes no copy
    factor = cho_factor(matrix.T, overwrite_a=True, check_finite=False)
    return np.asarray(cho_solve(factor, right, check_finite=False))


def single_threaded() -> AbstractContextManager[None]:
    """Keep linear algebra to one thread: more gain little here, and wait long on a busy machine."""
    limit: AbstractContextManager[None] = _blas().limit(limits=1)
    return limit


@cache
def _blas() -> ThreadpoolController:
    """The threads of NumPy's and SciPy's linear algebra."""
    return ThreadpoolController().select(user_api="blas")
