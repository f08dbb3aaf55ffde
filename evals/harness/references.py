"""Has the references answer all cases of a plan at once: people in blocks, items as columns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from baselines.answer_frame import (
    NO_CODE,
    Shares,
    answer_frame,
    categorical,
    frame_of_columns,
    join_frames,
)
from baselines.reference import OptionShares, PeopleBlock, Reference
from evals.harness.plan import Plan
from evals.interrupts import raise_if_interrupted
from survey.folds import Fold
from survey.item import Item


@dataclass(frozen=True, eq=False)
class AskedBlock:
    """People who are asked the held-out items of a fold.

    `rows`, shape (people,): their row numbers, from 1.
    """

    fold: int
    rows: NDArray[np.int64]
    people: PeopleBlock


Asked = Mapping[int, Mapping[int, Collection[str]]]
"""The cases to answer: the items of each respondent and fold."""


def answer_by_references(
    plan: Plan, references: Sequence[Reference], asked: Asked | None = None
) -> pd.DataFrame:
    """Answer the cases of a plan with each reference, as an answer frame.

    `asked`: the cases, by default all of the plan. Each reference is fitted on people who are not
    asked.
    """
    frames: list[pd.DataFrame] = []
    for fitting, drawn in plan.groups():
        people = drawn if asked is None else [row for row in drawn if asked.get(row)]
        if not people:
            continue
        for reference in references:
            reference.prepare(fitting)
        for fold in plan.folds:
            raise_if_interrupted()
            for block in blocks_of_people(plan, fold, people):
                cases = _cases_of_fold(plan, fold, block, asked)
                frames += _answer_cases(block, cases, references)
    return join_frames(frames) if frames else answer_frame(())


def blocks_of_people(plan: Plan, fold: Fold, asked: Sequence[int]) -> Iterator[AskedBlock]:
    """Yield the people asked, those together whose known items are the same."""
    whole = fold.profile(plan.experiment.profile_size)
    by_known: dict[tuple[str, ...], list[int]] = {}
    for respondent in asked:
        by_known.setdefault(plan.known.get(respondent, whole), []).append(respondent)
    survey, countries = plan.survey, plan.survey.context["country"].to_numpy(object)
    for known, respondents in by_known.items():
        rows = np.array(respondents, np.int64)
        people = PeopleBlock(survey.codes[rows - 1], survey.items, countries[rows - 1], known)
        yield AskedBlock(fold.number, rows, people)


@dataclass(frozen=True, eq=False)
class BlockCases:
    """Which of some people are asked which items, and what they answered.

    `truth` and `asked` have the shape (people, items); a missing truth is negative.
    """

    items: Sequence[Item]
    truth: NDArray[np.int16]
    asked: NDArray[np.bool_]


def _cases_of_fold(plan: Plan, fold: Fold, block: AskedBlock, asked: Asked | None) -> BlockCases:
    """The cases of some people in a fold: those of the protocol, or those that are `asked`."""
    column = {item: place for place, item in enumerate(block.people.items)}
    if asked is None:
        names, inside = plan.asked_items.of_people(block.people.codes, block.people.items)
        held_out = [place for place, item in enumerate(names) if item in fold.held_out]
        named, inside = [names[place] for place in held_out], inside[:, held_out]
        truth = block.people.codes[:, [column[item] for item in named]]
        return BlockCases([plan.codebook.items[item] for item in named], truth, inside)
    by_person = [asked[row].get(fold.number, ()) for row in block.rows.tolist()]
    named = sorted(set().union(*by_person), key=column.__getitem__)
    place = {item: number for number, item in enumerate(named)}
    inside = np.zeros((len(by_person), len(named)), dtype=bool)
    for person, own in enumerate(by_person):
        inside[person, [place[item] for item in own]] = True
    truth = block.people.codes[:, [column[item] for item in named]]
    return BlockCases([plan.codebook.items[item] for item in named], truth, inside)


def _answer_cases(
    block: AskedBlock, cases: BlockCases, references: Sequence[Reference]
) -> Iterator[pd.DataFrame]:
    """Yield the answers of each reference to these cases."""
    if not cases.asked.any():
        return
    for reference in references:
        answers = [reference.shares(block.people, item) for item in cases.items]
        yield _frame(reference, block, cases, answers)


def _frame(
    reference: Reference, block: AskedBlock, cases: BlockCases, answers: Sequence[OptionShares]
) -> pd.DataFrame:
    """Return the answers of one reference to these cases."""
    asked, items = cases.asked, cases.items
    item_places, people_places = np.nonzero(asked.T)
    modes = [found.modes[inside] for found, inside in zip(answers, asked.T, strict=True)]
    predicted = np.concatenate(modes) if reference.has_mode else np.full(len(item_places), NO_CODE)
    codes = cases.truth[people_places, item_places].astype(np.int64)
    shares = _join_shares(answers, asked)
    columns = {
        "graph": reference.graph,
        "variant": reference.variant,
        "model": "",
        "protocol": reference.protocol,
        "respondent": block.rows[people_places],
        "fold": np.full(len(item_places), block.fold),
        "item": categorical(item_places, [item.id for item in items]),
        "country": block.people.countries[people_places],
        "dimension": np.array([item.dimension for item in items], object)[item_places],
        "truth": np.where(codes >= 0, codes, NO_CODE),
        "predicted": predicted,
        "readable": np.diff(shares.edges) > 0,
        "decided_by": "reference",
    }
    return frame_of_columns(columns, shares)


def _join_shares(answers: Sequence[OptionShares], asked: NDArray[np.bool_]) -> Shares:
    """Join the shares of all items, item by item, of the people who are asked each."""
    codes, values, sizes = [], [], []
    for found, inside in zip(answers, asked.T, strict=True):
        own = found.values[inside]
        named = own > 0
        codes.append(np.broadcast_to(found.codes, own.shape)[named])
        values.append(own[named])
        sizes.append(named.sum(axis=1))
    edges = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    return Shares(np.concatenate(codes), np.concatenate(values), edges)
