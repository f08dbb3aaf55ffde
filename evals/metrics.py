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
"""What an error is of: one code, the median of shares, or, where no code is most likely, all shares
in expectation.
"""


@dataclass(frozen=True, slots=True)
class RowScore:
    """What one row is worth: `hit` and `error`, 0 to 1 (`published`: or more); None where it does
    not count.

    `code_error` is the error of its single most likely code; `by`: what the error is of, "" where
    nothing was read.
    """

    hit: float | None
    error: float | None
    code_error: float | None = None
    by: ErrorBasis = ""


@dataclass(frozen=True, slots=True)
class Score:
    """One cell of a table. None where nothing was scored.

    `mae_by`: what `mae` is of: the median where a method gives shares, else one code. `mae_code`
    takes the single most likely code of every method alike.
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
    return {"strict": _strict, "published": _published, "paper_tables": _paper_tables}[rule](
        row, item, row.truth
    )


def score_table(rows: Iterable[Row], codebook: Codebook, rule: Rule) -> dict[str, Score]:
    """Scores by dimension and overall, of the rows of one method; dimensions without a row are left
    out.
    """
    by_dimension: dict[str, list[tuple[Row, RowScore]]] = defaultdict(list)
    for row in rows:
        each = row, score_row(row, codebook.items[row.item], rule)
        by_dimension[row.dimension].append(each)
        by_dimension[OVERALL].append(each)
    order = [*codebook.dimensions, OVERALL]
    return {name: _summary(by_dimension[name], codebook) for name in order if name in by_dimension}


def summarise(rows: Sequence[Row], codebook: Codebook, rule: Rule) -> Score:
    """Average over each respondent's rows, then over respondents. Raises ValueError for no rows."""
    if not rows:
        raise ValueError("a score of no rows")
    return _summary(
        [(row, score_row(row, codebook.items[row.item], rule)) for row in rows], codebook
    )


def _summary(scored: Sequence[tuple[Row, RowScore]], codebook: Codebook) -> Score:
    """The averages of rows with what each is worth."""
    rows = [row for row, _ in scored]
    counted = [row for row, worth in scored if worth.hit is not None or worth.error is not None]
    answered = [
        row
        for row in rows
        if row.truth is not None and not row.error and codebook.items[row.item].scorable
    ]
    return Score(
        accuracy=_by_respondent((row.respondent, worth.hit) for row, worth in scored),
        mae=_by_respondent((row.respondent, worth.error) for row, worth in scored),
        mae_valid=_by_respondent(
            (row.respondent, worth.error) for row, worth in scored if row.readable
        ),
        readable=fmean(row.readable for row in answered) if answered else None,
        items=len({row.item for row in counted}),
        rows=len(counted),
        respondents=len({row.respondent for row in counted}),
        mae_code=_by_respondent((row.respondent, worth.code_error) for row, worth in scored),
        mae_by=combine_bases(worth.by for _, worth in scored),
    )


def combine_bases(taken: Iterable[ErrorBasis]) -> ErrorBasis:
    """What the errors of some rows are of: the median where any is, since that of one code is the
    code.
    """
    found = set(taken)
    kinds: tuple[ErrorBasis, ...] = ("median", "code", "expectation")
    return next((kind for kind in kinds if kind in found), "")


def _by_respondent(values: Iterable[tuple[int, float | None]]) -> float | None:
    """Mean over respondents of each one's mean; None where there is nothing."""
    of: dict[int, list[float]] = defaultdict(list)
    for respondent, value in values:
        if value is not None:
            of[respondent].append(value)
    return fmean(fmean(numbers) for numbers in of.values()) if of else None


def _strict(row: Row, item: Item, truth: int) -> RowScore:
    """Hits over scorable items; errors by rank over ordinal and binary ones, 1 if unread or off the
    scale.
    """
    if not item.scorable:
        return RowScore(None, None)
    hit = _expect(row, lambda code: float(code == truth))
    ranks = item.ranks
    if item.kind == "nominal" or truth not in ranks:
        return RowScore(hit, None)
    width = len(ranks) - 1

    def error(code: int) -> float:
        return abs(ranks[code] - ranks[truth]) / width if code in ranks else 1.0

    if not row.readable:
        return RowScore(0.0, 1.0, 1.0)
    if row.predicted is None:
        return _alike(hit, _expect(row, error), row)
    by: ErrorBasis = "median" if len(row.probabilities) > 1 else "code"
    return RowScore(hit, error(median_code(row.probabilities, ranks)), error(row.predicted), by)


def _alike(hit: float, error: float, row: Row) -> RowScore:
    """A row whose error is that of its one code anyway, or of all shares where there is no single
    one.
    """
    return RowScore(hit, error, error, "code" if row.predicted is not None else "expectation")


def _published(row: Row, item: Item, truth: int) -> RowScore:
    """Unread, unanswered and fill-in items skipped; code distance over the number of options less
    one, not clipped.
    """
    if item.use == "fill_in" or not row.readable:
        return RowScore(None, None)
    width = max(len(item.options) - 1, 1)
    hit = _expect(row, lambda code: float(code == truth))
    return _alike(hit, _expect(row, lambda code: abs(code - truth) / width), row)


def _paper_tables(row: Row, item: Item, truth: int) -> RowScore:
    """As `published`, the error clipped at 1; unread, invalid and all fill-in answers are wrong
    with error 1.
    """
    if item.use == "fill_in" or not row.readable:
        return RowScore(0.0, 1.0, 1.0)
    width = max(len(item.options) - 1, 1)
    hit = _expect(row, lambda code: float(code == truth))
    error = _expect(
        row, lambda code: min(abs(code - truth) / width, 1.0) if code in item.by_code else 1.0
    )
    return _alike(hit, error, row)


def _expect(row: Row, worth: Callable[[int], float]) -> float:
    """The worth of the predicted code; in expectation where there is no single one; 0 where nothing
    was read.
    """
    if not row.readable:
        return 0.0
    if row.predicted is not None:
        return worth(row.predicted)
    return fsum(
        share * worth(code) for code, share in row.probabilities.items()
    )  # in whatever order they stand


ROUNDED = 1e-5
"""Half of the weight is reached where no more than this is lacking: files from elsewhere round
their shares.
"""


def median_code(probabilities: Mapping[int, float], ranks: Mapping[int, int]) -> int:
    """The code at which half of the weight on the scale is reached, by semantic rank.

    Weight off the scale is left aside, unless it is more than half: then the mode stands.
    """
    mode = max(sorted(probabilities), key=lambda code: probabilities[code])
    if len(probabilities) == 1:
        return mode
    on_scale = sorted((rank, code) for code, rank in ranks.items() if probabilities.get(code))
    weight = sum(probabilities[code] for _, code in on_scale)
    if weight < 0.5 - ROUNDED or not on_scale:
        return mode
    reached = 0.0
    for _, code in on_scale:
        reached += probabilities[code]
        if reached >= weight / 2 - ROUNDED:
            return code
    return on_scale[-1][1]
