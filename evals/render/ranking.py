"""Which of several methods is the most accurate, as far as paired comparisons tell."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

import pandas as pd

from evals.analysis.frame import Name
from evals.analysis.inference import name_beside
from evals.render.findings import verdict_of
from evals.render.formatting import format_figure
from evals.render.labels import line_title, method_name
from evals.render.sentences import COUNTS, join_words
from evals.render.table import Line, records


def accuracy_comparisons(comparisons: pd.DataFrame, against: str = "") -> pd.DataFrame:
    """The comparisons of accuracy on all items, with one method where one is named."""
    kept = (comparisons["scope"] == "all") & (comparisons["measure"] == "accuracy")
    return comparisons[kept & (comparisons["against"] == against)] if against else comparisons[kept]


def find_best(comparisons: pd.DataFrame, asked: Sequence[Line]) -> Iterator[str]:
    """Which of the methods is the most accurate, or that it cannot be told."""
    if len(asked) not in COUNTS:
        return
    title = {method_name(line): line_title(line, pd.DataFrame(asked)) for line in asked}
    told, by = _pair_verdicts(comparisons, list(title))
    for one in title:
        others = [other for other in title if other != one]
        if all(told.get((one, other)) == 1 for other in others):
            less = join_words([title[other] for other in others])
            gains = join_words([format_figure(by[one, other]) for other in others])
            yield f"{title[one]} is the most accurate: better than {less} by {gains}."
            return
    if told:
        yield _not_told(title, told, by)


Pairs = Mapping[tuple[Name, Name], int | None]


def _pair_verdicts(
    comparisons: pd.DataFrame, names: Sequence[Name]
) -> tuple[Pairs, dict[tuple[Name, Name], float]]:
    """The verdict on each pair of methods that was compared, either way round, and by how much."""
    lines: dict[tuple[Name, str], Line] = {}
    for found in records(accuracy_comparisons(comparisons)):
        lines[method_name(found), found["against"]] = found
    told: dict[tuple[Name, Name], int | None] = {}
    by: dict[tuple[Name, Name], float] = {}
    for one, other in permutations(names, 2):
        line = lines.get((one, name_beside(other, one)))
        if line is not None:
            verdict = verdict_of(line)
            told[one, other], by[one, other] = verdict, line["difference"]
            told[other, one] = None if verdict is None else -verdict
            by[other, one] = -line["difference"]
    return told, by


def _not_told(title: Mapping[Name, str], told: Pairs, by: Mapping[tuple[Name, Name], float]) -> str:
    """That no method is told from all others, and which are told to be worse than one of them."""
    worse = []
    for one in title:
        above = [other for other in title if told.get((one, other)) == -1]
        if above:
            most = min(above, key=lambda other: by[one, other])
            least = format_figure(-by[one, most])
            worse.append((one, f"{title[one]} is less accurate than {title[most]}, by {least}"))
    beaten = {one for one, _ in worse}
    left = [title[one] for one in title if one not in beaten]
    which = join_words(left) if 1 < len(left) < len(title) else f"the {COUNTS[len(title)]}"
    sentence = f"Which of {which} is best cannot be told"
    return "; ".join([sentence, *(text for _, text in worse)]) + "."
