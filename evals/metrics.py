"""Accuracy and normalised MAE under three rules: pure functions of rows.

`strict` (ours, the headline), `published` (as the released scripts score) and `paper_tables` (the
rule that reproduces the paper's printed chance row) are defined in docs/metrics.md. Every rule
scores each respondent, then averages over respondents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean
from typing import Literal, get_args

from baselines.method import Row
from survey.codebook import Codebook
from survey.item import Item

Rule = Literal["strict", "published", "paper_tables"]
RULES: tuple[Rule, ...] = get_args(Rule)
OVERALL = "overall"


ErrorBasis = Literal["", "code", "median", "expectation"]
"""What an error is measured from: the predicted code, the median of the predicted shares, or, where
no code is most likely, every code in proportion to its share.
"""


@dataclass(frozen=True, slots=True)
class RowScore:
    """The score of one row; None where the row does not count.

    `hit`: 1 for a right answer, 0 for a wrong one, in between in expectation. `error`: distance
    from the truth, 0 to 1 (under `published` also more); `code_error`: that of the single most
    likely code; `by`: what `error` is measured from, "" where no reply was read.
    """

    hit: float | None
    error: float | None
    code_error: float | None = None
    by: ErrorBasis = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The scores of one method on one dimension, or overall; None where no row counts.

    `accuracy`, `mae`: means over respondents of each one's mean; `mae_valid`: the same over the
    replies that were read; `readable`: their share; `items`, `rows`, `respondents`: how many count.
    `mae_by`: what `mae` is measured from; `mae_code` takes the most likely code of every method.
    """

    accuracy: float | None
    mae: float | None
    mae_valid: float | None
    readable: float | None
    items: int
    rows: int
    respondents: int
    mae_code: float | None = None
    mae_by: ErrorBasis = ""


def score_row(row: Row, item: Item, rule: Rule) -> RowScore:
    """Score one row. A failed call and a missing truth count nowhere."""
    if row.error or row.truth is None or not item.shown:
        return RowScore(None, None)
    if rule == "strict":
        return _score_strict(row, item, row.truth)
    if rule == "published":
        return _score_published(row, item, row.truth)
    return _score_paper_tables(row, item, row.truth)


def score_table(rows: Iterable[Row], codebook: Codebook, rule: Rule) -> dict[str, Score]:
    """Score the rows of one method by dimension, and overall under the name `OVERALL`.

    Dimensions stand in the codebook's order; those without a row are left out.
    """
    by_dimension: dict[str, list[tuple[Row, RowScore]]] = defaultdict(list)
    for row in rows:
        scored = row, score_row(row, codebook.items[row.item], rule)
        by_dimension[row.dimension].append(scored)
        by_dimension[OVERALL].append(scored)
    order = filter(by_dimension.__contains__, [*codebook.dimensions, OVERALL])
    return {name: _average(by_dimension[name], codebook) for name in order}


def summarise(rows: Sequence[Row], codebook: Codebook, rule: Rule) -> Score:
    """Average over each respondent's rows, then over respondents. Raises ValueError for no rows."""
    if not rows:
        raise ValueError("a score of no rows")
    scored = [(row, score_row(row, codebook.items[row.item], rule)) for row in rows]
    return _average(scored, codebook)


class _RespondentMeans:
    """Gathers values by respondent; `mean` is the mean over respondents of each one's mean."""

    def __init__(self) -> None:
        self._values: dict[int, list[float]] = defaultdict(list)

    def add(self, respondent: int, value: float | None) -> None:
        """Take in one value; None counts nowhere."""
        if value is not None:
            self._values[respondent].append(value)

    @property
    def mean(self) -> float | None:
        """The mean; None where no value was added."""
        return fmean(map(fmean, self._values.values())) if self._values else None


def _average(scored: Sequence[tuple[Row, RowScore]], codebook: Codebook) -> Score:
    """Average the scores of rows."""
    hits, errors, valid_errors, code_errors = (_RespondentMeans() for _ in range(4))
    counted, readable = [], []
    for row, score in scored:
        hits.add(row.respondent, score.hit)
        errors.add(row.respondent, score.error)
        valid_errors.add(row.respondent, score.error if row.readable else None)
        code_errors.add(row.respondent, score.code_error)
        if score.hit is not None or score.error is not None:
            counted.append(row)
        if row.truth is not None and not row.error and codebook.items[row.item].scorable:
            readable.append(row.readable)
    return Score(
        accuracy=hits.mean,
        mae=errors.mean,
        mae_valid=valid_errors.mean,
        readable=fmean(readable) if readable else None,
        items=len({row.item for row in counted}),
        rows=len(counted),
        respondents=len({row.respondent for row in counted}),
        mae_code=code_errors.mean,
        mae_by=combine_bases(score.by for _, score in scored),
    )


def combine_bases(bases: Iterable[ErrorBasis]) -> ErrorBasis:
    """What the errors of several rows are measured from, together.

    The median where any is: a method that gives shares may give a single one, whose median is the
    code. "" where no row has an error.
    """
    found = set(bases)
    order: tuple[ErrorBasis, ...] = ("median", "code", "expectation")
    return next(filter(found.__contains__, order), "")


def _score_strict(row: Row, item: Item, truth: int) -> RowScore:
    """Score by rule `strict`: hits over scorable items, errors over ordinal and binary ones.

    The error is the difference of ranks over the width of the scale; 1 for a reply that is unread
    or off the scale.
    """
    if not item.scorable:
        return RowScore(None, None)
    hit = _expected_hit(row, truth)
    ranks = item.ranks
    if item.kind == "nominal" or truth not in ranks:
        return RowScore(hit, None)
    width = len(ranks) - 1

    def error(code: int) -> float:
        return abs(ranks[code] - ranks[truth]) / width if code in ranks else 1.0

    if not row.readable:
        return RowScore(0.0, 1.0, 1.0)
    if row.predicted is None:
        return _score_of_code(hit, _expect(row, error), row)
    by: ErrorBasis = "median" if len(row.probabilities) > 1 else "code"
    return RowScore(hit, error(median_code(row.probabilities, ranks)), error(row.predicted), by)


def _score_of_code(hit: float, error: float, row: Row) -> RowScore:
    """The score of a row whose error is that of its code, or of all shares if it has no code."""
    return RowScore(hit, error, error, "code" if row.predicted is not None else "expectation")


def _score_published(row: Row, item: Item, truth: int) -> RowScore:
    """Score by rule `published`: skip unread replies, missing answers and fill-in items.

    The error is the difference of codes over the number of options less one, not clipped.
    """
    if item.use == "fill_in" or not row.readable:
        return RowScore(None, None)
    width = max(len(item.options) - 1, 1)
    error = _expect(row, lambda code: abs(code - truth) / width)
    return _score_of_code(_expected_hit(row, truth), error, row)


def _score_paper_tables(row: Row, item: Item, truth: int) -> RowScore:
    """Score by rule `paper_tables`: as `published`, with the error clipped at 1.

    Unread replies, codes that are no option and all fill-in items are wrong, with error 1.
    """
    if item.use == "fill_in" or not row.readable:
        return RowScore(0.0, 1.0, 1.0)
    width = max(len(item.options) - 1, 1)

    def error(code: int) -> float:
        return min(abs(code - truth) / width, 1.0) if code in item.by_code else 1.0

    return _score_of_code(_expected_hit(row, truth), _expect(row, error), row)


def _expected_hit(row: Row, truth: int) -> float:
    """1 where the truth is predicted, 0 where it is not; its share where no code is most likely."""
    return _expect(row, lambda code: float(code == truth))


def _expect(row: Row, value: Callable[[int], float]) -> float:
    """The value of the predicted code, or of all codes by their shares where no code is most
    likely; 0 for a reply that was not read.
    """
    if not row.readable:
        return 0.0
    if row.predicted is not None:
        return value(row.predicted)
    # fsum: the same sum in whatever order the codes stand
    return fsum(share * value(code) for code, share in row.probabilities.items())


ROUNDING = 1e-5
"""How much may be lacking where half of the weight counts as reached: other programs round the
shares that they write to files.
"""


def median_code(probabilities: Mapping[int, float], ranks: Mapping[int, int]) -> int:
    """Find the median code: where half of the weight on the scale is reached, by semantic rank.

    `probabilities`: share by code, not empty; `ranks`: semantic rank by code on the scale. Weight
    off the scale is left out; where it is more than half, the result is the mode.
    """
    mode = max(sorted(probabilities), key=lambda code: probabilities[code])
    if len(probabilities) == 1:
        return mode
    on_scale = sorted((rank, code) for code, rank in ranks.items() if probabilities.get(code))
    weight = sum(probabilities[code] for _, code in on_scale)
    if weight < 0.5 - ROUNDING or not on_scale:
        return mode
    reached = 0.0
    for _, code in on_scale:
        reached += probabilities[code]
        if reached >= weight / 2 - ROUNDING:
            return code
    return on_scale[-1][1]
