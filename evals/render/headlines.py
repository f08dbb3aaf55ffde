"""The three findings of the short output: a difference is named where its test and interval agree.

The first says which methods are better than the foot of the ladder, the second which of them is
best, the third what else a reader should not overlook.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

import pandas as pd

from evals.analysis.frame import Name
from evals.analysis.inference import name_beside
from evals.analysis.ladder import BOTTOM
from evals.analysis.leaks import LEAKED
from evals.analysis.tables import AnalysisTables
from evals.harness.method_names import LLM_GRAPHS, REFERENCES
from evals.render.findings import FEWEST_PEOPLE, collapsed_lines, find_gaps, verdict_of
from evals.render.formatting import format_figure
from evals.render.labels import METHOD_LABELS, line_title, method_name, opponent_title
from evals.render.table import Line, records, unweighted_lines

MOST = 3
"""How many findings the short output says."""
COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def find_headlines(tables: AnalysisTables, others: Sequence[str] = ()) -> list[str]:
    """Return at most three findings, a sentence each, the most important first.

    `others`: sentences that stand before those of spread, leaks and groups.
    """
    asked = asked_methods(tables.standing)
    found: list[str] = []
    if asked and all(line["people"] < FEWEST_PEOPLE for line in asked):
        most = max(int(line["people"]) for line in asked)
        counted = f"{most} person" if most == 1 else f"{most} people"
        found.append(
            f"Too few people to say which method is better: {counted}; findings need "
            f"{FEWEST_PEOPLE}."
        )
    else:
        found += _against_bottom(tables.comparisons, asked)
        found += _best(tables.comparisons, asked)
    found += [*others, *_alike(tables, asked), *_leaked(tables), *find_gaps(tables)]
    return found[:MOST]


def asked_methods(standing: pd.DataFrame) -> list[Line]:
    """The lines of the methods that are no references."""
    every = unweighted_lines(standing)
    return records(every[~every["graph"].isin(REFERENCES)])


def join_words(parts: Sequence[str]) -> str:
    """Join words as a sentence lists them: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _against_bottom(comparisons: pd.DataFrame, asked: Sequence[Line]) -> Iterator[str]:
    """Which methods are better than the foot of the ladder, which worse, and of which neither is
    shown.
    """
    foot = METHOD_LABELS[BOTTOM]
    by_verdict: dict[int | None, list[Line]] = {}
    for line in records(_of_accuracy(comparisons, BOTTOM)):
        by_verdict.setdefault(verdict_of(line), []).append(line)
    if not by_verdict:
        return
    parts = []
    for side, word in ((1, "better"), (-1, "worse")):
        if found := by_verdict.get(side):
            by = join_words([format_figure(abs(line["difference"])) for line in found])
            parts.append(f"{_subject(found, asked)} {word} than the {foot}: by {by}")
    if found := by_verdict.get(0):
        parts.append(f"{_negated(found, asked)} shown to be better than the {foot}")
    if not parts:
        parts.append(
            f"Whether a method is better than the {foot} cannot be told: tests and intervals do "
            "not agree"
        )
    yield "; ".join(parts) + "."


def _subject(found: Sequence[Line], asked: Sequence[Line]) -> str:
    """Name methods as the subject of a sentence, with its verb."""
    if len(found) == len(asked) and len(found) in COUNTS:
        return f"{_all_of(asked)} are"
    frame = pd.DataFrame(asked)
    named = join_words([line_title(line, frame) for line in found])
    return f"{named} {'is' if len(found) == 1 else 'are'}"


def _negated(found: Sequence[Line], asked: Sequence[Line]) -> str:
    """Name methods as the subject of a sentence that denies something of each."""
    if len(found) < len(asked) or len(found) not in COUNTS:
        return f"{_subject(found, asked)} not"
    if len(asked) == 2:
        return f"Neither {_kind(asked)} is"
    return f"None of the {COUNTS[len(asked)]} {_kind(asked)}s is"


def _all_of(asked: Sequence[Line]) -> str:
    """All methods together, as the subject of a sentence."""
    return f"{'Both' if len(asked) == 2 else f'All {COUNTS[len(asked)]}'} {_kind(asked)}s"


def _kind(asked: Sequence[Line]) -> str:
    """What the methods are, in one word."""
    return "graph" if all(line["graph"] in LLM_GRAPHS for line in asked) else "method"


def _of_accuracy(comparisons: pd.DataFrame, against: str = "") -> pd.DataFrame:
    """The comparisons of accuracy on all items, with one method where one is named."""
    kept = (comparisons["scope"] == "all") & (comparisons["measure"] == "accuracy")
    return comparisons[kept & (comparisons["against"] == against)] if against else comparisons[kept]


def _best(comparisons: pd.DataFrame, asked: Sequence[Line]) -> Iterator[str]:
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
    for found in records(_of_accuracy(comparisons)):
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


def find_differences(tables: AnalysisTables) -> Iterator[str]:
    """Which methods differ from what they are compared with, or that none is shown to."""
    lines = records(_of_accuracy(tables.comparisons))
    told = [line for line in lines if verdict_of(line)]
    for line in told:
        word = "more" if line["difference"] > 0 else "less"
        title = line_title(line, tables.standing)
        other, by = opponent_title(line["against"]), format_figure(abs(line["difference"]))
        yield f"{title} is {word} accurate than {other}, by {by}."
    if not told and any(line["people"] >= FEWEST_PEOPLE for line in lines):
        yield "No variant is shown to differ in accuracy from what it is compared with."


def _alike(tables: AnalysisTables, asked: Sequence[Line]) -> Iterator[str]:
    """Methods whose answers vary too little, in one sentence."""
    found = list(collapsed_lines(tables))
    if found:
        shares = join_words([format_figure(line["sd_ratio"]) for line in found])
        subject = _subject(found, asked).removesuffix(" are").removesuffix(" is")
        verb = "varies" if len(found) == 1 else "vary"
        yield f"{subject} {verb} too little: {shares} of the real spread."


def _leaked(tables: AnalysisTables) -> Iterator[str]:
    """How many of the held-out items the profile gives away."""
    leaked = int(tables.leaks["leak"].isin(LEAKED).sum())
    if leaked:
        verb = "is" if leaked == 1 else "are"
        yield (
            f"{leaked} of {len(tables.leaks)} held-out items {verb} nearly given away by other "
            "answers (leaks.csv)."
        )
