"""The share of each option among real and simulated answers, for the figure of distributions."""

from typing import Any

import numpy as np
import pandas as pd

from evals.analysis.frame import METHOD, split_methods
from evals.analysis.item_answers import ItemAnswers, item_answers
from survey.codebook import Codebook
from survey.item import Item


def option_shares(rows: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Work out shares, one line for each method, item and option; `rows`: scored rows with `run`.

    Columns: `run`, those of `METHOD`, `item`, `topic`, `people`, `code`, `label`; `real` and
    `simulated`, shares of the people who gave a truth and to whom a reply was read.
    """
    lines: list[list[Any]] = []
    for run, of_run in rows.groupby("run", sort=False):
        for name, own in split_methods(of_run):
            for item, answers in item_answers(own, codebook).items():
                if len(answers.weight):
                    told = _item_lines(codebook.items[item], answers)
                    lines += [[run, *name, *line] for line in told]
    columns = ["run", *METHOD, "item", "topic", "people", "code", "label", "real", "simulated"]
    return pd.DataFrame(lines, columns=columns)


def _item_lines(item: Item, answers: ItemAnswers) -> list[list[Any]]:
    """The lines of one item, without method and run."""
    real, simulated = answers.real.mean(axis=0), answers.simulated.mean(axis=0)
    people = len(np.unique(answers.respondents))
    lines = []
    for place, option in enumerate(item.options):
        shares = [float(real[place]), float(simulated[place])]
        lines.append([item.id, item.topic, people, option.code, option.label, *shares])
    return lines


def farthest_items(frame: pd.DataFrame, distances: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep the shares of those items of the first method that lie farthest apart.

    `distances`: the lines of `distributions` for all people and items; by their Jensen-Shannon
    distance the farthest item comes first.
    """
    if frame.empty:
        return frame
    keys = ["run", *METHOD]
    first = tuple(frame.iloc[0][keys])
    own = distances[distances[keys].apply(tuple, axis=1) == first]
    by_distance = own.sort_values("jensen_shannon", ascending=False, kind="stable")
    top = by_distance["item"].head(most).tolist()
    kept = frame[(frame[keys].apply(tuple, axis=1) == first) & frame["item"].isin(top)]
    return kept.sort_values("item", key=lambda items: items.map(top.index), kind="stable")
