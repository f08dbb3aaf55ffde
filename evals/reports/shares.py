"""The share of each option among real and simulated answers, of every item: what the figure of
distributions shows.
"""

from typing import Any

import numpy as np
import pandas as pd

from evals.analysis.frame import METHOD, split_methods
from evals.analysis.item_answers import item_answers
from survey.codebook import Codebook


def option_shares(rows: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """One line a method, item and option; `rows` are scored rows with their `run`.

    Columns: `run`, those of `METHOD`, `item`, `topic`, `people`, `code`, `label`; `real` and
    `simulated`, shares of the people who gave a truth and to whom a reply was read.
    """
    lines: list[list[Any]] = []
    for run, of_run in rows.groupby("run", sort=False):
        for name, own in split_methods(of_run):
            for item, answers in item_answers(own, codebook).items():
                if not len(answers.weight):
                    continue
                real, simulated = answers.real.mean(axis=0), answers.simulated.mean(axis=0)
                people = len(np.unique(answers.respondents))
                for place, option in enumerate(codebook.items[item].options):
                    told = [item, codebook.items[item].topic, people, option.code, option.label]
                    lines.append([run, *name, *told, float(real[place]), float(simulated[place])])
    columns = ["run", *METHOD, "item", "topic", "people", "code", "label", "real", "simulated"]
    return pd.DataFrame(lines, columns=columns)


def farthest_items(frame: pd.DataFrame, distances: pd.DataFrame, most: int) -> pd.DataFrame:
    """The shares of the first method's items that lie farthest apart by Jensen-Shannon distance,
    farthest first.

    `distances`: the lines of `distributions` for all people and items.
    """
    if frame.empty:
        return frame
    first = tuple(frame.iloc[0][["run", *METHOD]])
    own = distances[distances[["run", *METHOD]].apply(tuple, axis=1) == first]
    top = (
        own.sort_values("jensen_shannon", ascending=False, kind="stable")["item"]
        .head(most)
        .tolist()
    )
    kept = frame[(frame[["run", *METHOD]].apply(tuple, axis=1) == first) & frame["item"].isin(top)]
    return kept.sort_values("item", key=lambda items: items.map(top.index), kind="stable")
