"""The plan of a run: drawn respondents, folds, profiles and the cases to ask."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from baselines.method import Case, Method, Person
from evals.harness.asked_items import AskedItems, folds_of_run
from evals.harness.experiment import Experiment
from evals.harness.people import draw_people
from survey.codebook import Codebook
from survey.fixed_profile import FixedProfile
from survey.folds import FOLDS, Fold, redraw_subsets
from survey.profile import profile_of
from survey.respondents import Respondents

Key = tuple[str, str, int, int, str, int]
"""Graph, variant, respondent, fold, item and draw of a row."""


@dataclass(frozen=True)
class Interview:
    """One respondent in one fold, in codes: small enough to send to another machine.

    `answers` are all valid codes by item, `known` the items of the profile, `told` the answers that
    the profile tells: the respondent's own, except in a control.
    """

    respondent: int
    fold: int
    country: str
    answers: Mapping[str, int] = field(repr=False)  # Dask logs a task that fails with its arguments
    known: tuple[str, ...] = field(repr=False)
    told: Mapping[str, int] = field(repr=False)

    def person(self, codebook: Codebook) -> Person:
        """Return the respondent with the profile that the methods see."""
        profile = FixedProfile(profile_of(codebook, self.told, self.known))
        return Person(self.respondent, self.fold, self.country, self.answers, profile, self.known)


@dataclass(frozen=True)
class Plan:
    """The respondents and folds of a run; `drawn` are row numbers from 1, in the order drawn.

    `known` are the items of each one's profile, by row number, where they are not the first of the
    fold.
    """

    experiment: Experiment
    survey: Respondents
    codebook: Codebook
    drawn: tuple[int, ...]
    folds: tuple[Fold, ...]
    known: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, experiment: Experiment, survey: Respondents, codebook: Codebook) -> "Plan":
        """Draw respondents and folds.

        Raises ValueError, one line, when too few people fit, and when nothing is to be asked.
        """
        drawn = draw_people(experiment, survey, codebook)
        folds = folds_of_run(experiment, codebook)
        known: dict[int, tuple[str, ...]] = {}
        if experiment.subset == "redrawn":
            if len(folds) > 1:
                raise ValueError("subset redrawn: the published study of scale has one fold")
            size, background = experiment.profile_size or 0, codebook.background
            others = folds[0].known[len(background) :]
            redrawn, subsets = redraw_subsets(
                len(survey), experiment.respondents, others, size, experiment.draw_seed
            )
            drawn = tuple(redrawn)
            profiles = [(*background, *subset) for subset in subsets]
            known = dict(zip(drawn, profiles, strict=True))
        plan = cls(experiment, survey, codebook, drawn, folds, known)
        if experiment.items and not plan.size(1):
            raise ValueError("--items: none of the people drawn answered any of them")
        return plan

    @cached_property
    def asked_items(self) -> AskedItems:
        """Which of the held-out items each person is asked."""
        return AskedItems(self.experiment, self.codebook, self.folds)

    @cached_property
    def asked_folds(self) -> tuple[Fold, ...]:
        """The folds, of what is held out those items alone that anybody drawn is asked."""
        if not self.experiment.items:
            return self.folds
        asked: set[str] = set()
        for respondent in self.drawn:
            asked |= self.asked_items.of_person(self.survey.answers(respondent))
        folds = []
        for fold in self.folds:
            held_out = tuple(item for item in fold.held_out if item in asked)
            folds.append(replace(fold, held_out=held_out))
        return tuple(folds)

    def interview(self, respondent: int, fold: Fold) -> Interview:
        """Return one respondent in one fold, in codes, with the answers that the profile tells."""
        answers = self.survey.answers(respondent)
        told: Mapping[str, int] = answers
        if self.experiment.control:
            told = self._another(respondent) if self.experiment.control == "shuffled" else {}
        known = self.known.get(respondent, fold.profile(self.experiment.profile_size))
        return Interview(
            respondent, fold.number, self.survey.country(respondent), answers, known, told
        )

    def person(self, respondent: int, fold: Fold) -> Person:
        """Return one respondent in one fold, with the profile that the methods see."""
        return self.interview(respondent, fold).person(self.codebook)

    def _another(self, respondent: int) -> Mapping[str, int]:
        """Return the answers of another person.

        That is the next one drawn, the order being random, or the next row where one is drawn.
        """
        if len(self.drawn) == 1:
            return self.survey.answers(respondent % len(self.survey) + 1)
        place = self.drawn.index(respondent) + 1
        return self.survey.answers(self.drawn[place % len(self.drawn)])

    def cases(self, person: Person, fold: Fold) -> list[Case]:
        """Return the held-out items to ask this person, as cases."""
        return cases_of(self.asked_items, self.codebook, person, fold)

    def groups(self) -> Iterator[tuple[Respondents, tuple[int, ...]]]:
        """Yield the people to fit on and the drawn people to ask, no person in both.

        All who are not drawn fit; when everybody is drawn, five folds over respondents take turns.
        """
        if len(self.drawn) < len(self.survey):
            yield self.survey.others(self.drawn), self.drawn
            return
        shuffled = random.Random(self.experiment.seed).sample(self.drawn, len(self.drawn))
        for start in range(min(FOLDS, len(shuffled))):
            asked = tuple(shuffled[start::FOLDS])
            yield self.survey.others(asked), asked

    def size(self, methods: int) -> int:
        """Return how many rows the run will have with so many methods."""
        return methods * self.asked_items.count(self.survey, self.drawn)


def cases_of(asked_items: AskedItems, codebook: Codebook, person: Person, fold: Fold) -> list[Case]:
    """Return the held-out items to ask one person in one fold, as cases."""
    asked = asked_items.of_person(person.answers)
    return [Case(person, codebook.items[item]) for item in fold.held_out if item in asked]


def key_of(method: Method, case: Case) -> Key:
    """Return the key by which the ledger knows the row of a case."""
    return (method.graph, method.variant, case.person.respondent, case.person.fold, case.item.id, 0)
