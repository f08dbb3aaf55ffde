"""Which of the held-out items each person is asked: all, those named, or so many drawn."""

import random
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evals.harness.experiment import Experiment
from survey.codebook import Codebook
from survey.folds import Fold, item_folds
from survey.item import Item
from survey.open_survey import codebook_of
from survey.respondents import Respondents

Kind = TypeVar("Kind", bound=Experiment)


def folds_of_run(experiment: Experiment, codebook: Codebook) -> tuple[Fold, ...]:
    """Return the folds of items that a run holds out, in order."""
    folds = item_folds(list(codebook.items), experiment.seed, codebook.background)
    return tuple(folds[number - 1] for number in sorted(experiment.folds))


def with_folds_of_items(experiment: Kind) -> Kind:
    """Return the experiment with the folds that its `items` need, where it names no folds.

    Those are the folds that hold named items out, or the fewest that hold so many items out. Raises
    DataError where the codebook cannot be read.
    """
    if not experiment.items or "folds" in experiment.model_fields_set:
        return experiment
    codebook = codebook_of(experiment.data)
    named = {item.casefold() for item in experiment.items}
    needed, drawn_from = [], 0
    for fold in item_folds(list(codebook.items), experiment.seed, codebook.background):
        asked = [item for item in fold.held_out if _allows(experiment, codebook.items[item])]
        if experiment.items_drawn is None:
            is_needed = any(item.casefold() in named for item in asked)
        else:
            is_needed = drawn_from < experiment.items_drawn
        if is_needed:
            needed.append(fold.number)
            drawn_from += len(asked)
    return experiment.model_copy(update={"folds": tuple(needed) or experiment.folds})


def _allows(experiment: Experiment, item: Item) -> bool:
    """Whether the protocol asks this item of anybody."""
    return item.scorable if experiment.protocol == "fair" else item.shown


class AskedItems:
    """Chooses the items that each person is asked in the folds of a run.

    The fair protocol asks the scorable items that the person answered, the published one all items
    that can be shown. Where so many are drawn, one seeded order of items holds for everybody, and
    each person is asked the first of them that the protocol allows. Raises ValueError, one line,
    for a named item that cannot be asked.
    """

    def __init__(self, experiment: Experiment, codebook: Codebook, folds: Sequence[Fold]) -> None:
        self._fair = experiment.protocol == "fair"
        self._most = experiment.items_drawn
        held_out = {item for fold in folds for item in fold.held_out}
        order = [item for item in codebook.items.values() if item.id in held_out]
        order = [item for item in order if _allows(experiment, item)]
        if self._most is not None:
            order = random.Random(experiment.seed).sample(order, len(order))
        elif experiment.items:
            named = self._named(experiment, codebook, held_out)
            order = [item for item in order if item.id in named]
        self._order = [item.id for item in order]

    def _named(
        self, experiment: Experiment, codebook: Codebook, held_out: Collection[str]
    ) -> set[str]:
        """Return the ids of the named items. Raises ValueError for one that cannot be asked."""
        ids = {name.casefold(): name for name in codebook.items}
        named = []
        for name in experiment.items:
            item = codebook.items.get(ids.get(name.casefold(), ""))
            if item is None:
                raise ValueError(f"--items {name}: the codebook has no such item")
            if item.id in codebook.background:
                raise ValueError(f"--items {name}: it is background, which is told and never asked")
            if not _allows(experiment, item):
                raise ValueError(
                    f"--items {name}: the {experiment.protocol} protocol never asks it"
                )
            named.append(item.id)
        if elsewhere := [item for item in named if item not in held_out]:
            raise ValueError(_not_held_out(elsewhere, named, experiment, codebook))
        return set(named)

    def of_person(self, answers: Mapping[str, int]) -> frozenset[str]:
        """Return the items that a person with these answers is asked, in all folds together."""
        asked = (item for item in self._order if not self._fair or item in answers)
        return frozenset(asked if self._most is None else islice(asked, self._most))

    def count(self, survey: Respondents, rows: Sequence[int]) -> int:
        """Count the cases of these people (rows from 1) in all folds together."""
        _, asked = self.of_people(survey.codes[np.array(rows, np.intp) - 1], survey.items)
        return int(asked.sum())

    def of_people(
        self, codes: NDArray[np.int16], items: Sequence[str]
    ) -> tuple[list[str], NDArray[np.bool_]]:
        """Tell who of many people is asked which items, in all folds together.

        `codes`, shape (people, items): their answers, negative where missing; `items`: the ids of
        its columns. Returns the items that may be asked, and who is, shape (people, these items).
        """
        column = {item: place for place, item in enumerate(items)}
        names = [item for item in self._order if item in column]
        places = [column[item] for item in names]
        asked = codes[:, places] >= 0 if self._fair else np.ones((len(codes), len(names)), bool)
        if self._most is not None:
            asked = asked & (asked.cumsum(axis=1) <= self._most)
        return names, asked


def _not_held_out(
    elsewhere: Sequence[str], named: Collection[str], experiment: Experiment, codebook: Codebook
) -> str:
    """Say in which folds items are held out that this run does not hold out."""
    wanted = []
    for fold in item_folds(list(codebook.items), experiment.seed, codebook.background):
        if set(fold.held_out) & set(named):
            wanted.append(str(fold.number))
    return (
        f"--items {elsewhere[0]}: not held out in fold {','.join(map(str, experiment.folds))}; "
        f"--folds {','.join(wanted)} holds out all that are named"
    )
