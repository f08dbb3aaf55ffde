"""The experiments that each study consists of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.formats import CALLS
from evals.harness.experiment import COORDINATOR, Experiment, has_coordinator
from evals.harness.method_names import LLM_GRAPHS, STANDING
from graph.variants import PERSPECTIVES
from survey.folds import FOLDS, SIZES

VOTES = 4
"""Calls to Full Info that cost about what ValueSim's three perspectives and coordinator do."""

ABLATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"without": ("story",)},
    {"without": ("cab",)},
    *({"without": (name,)} for name in PERSPECTIVES),
    {"integrate": "average"},
)


@dataclass(frozen=True)
class Study:
    """What a study does. `sets` are the settings that are its own to set, `usual` those it has
    where none are given.
    """

    about: str
    sets: frozenset[str]
    usual: Callable[[dict[str, Any]], dict[str, Any]]
    steps: Callable[[Experiment], Iterator[dict[str, Any]]]


def _ablations(base: Experiment) -> Iterator[dict[str, Any]]:
    """ValueSim whole, without each of its parts, and averaging (the paper's Tables 2 and 4, and
    what it only names).
    """
    yield from ABLATIONS


def _scale(base: Experiment) -> Iterator[dict[str, Any]]:
    """Profiles of growing size (the paper's Figures 2 and 3)."""
    for size in SIZES:
        yield {
            "profile_size": size,
            "subset": "redrawn" if base.protocol == "published" else "nested",
        }


def _controls(base: Experiment) -> Iterator[dict[str, Any]]:
    """What the paper lacks: an equal number of calls, another person's profile, none at all, a
    coordinator always.
    """
    yield {}
    yield {"graph": ("valuesim",), "integrate": "always"}
    yield {"graph": ("full_info",), "temperature": 1.0, "votes": VOTES}
    yield {"control": "shuffled"}
    yield {"control": "blank"}


def _sizes(given: dict[str, Any]) -> dict[str, Any]:
    """Published: fold 5, 20 people; fair: all folds."""
    if given.get("protocol") == "published":
        return {"folds": (FOLDS,), "respondents": 20}
    return {"folds": tuple(range(1, FOLDS + 1))}


STUDIES: dict[str, Study] = {
    "ablations": Study(
        "valuesim whole, without each part, and averaging: Tables 2 and 4",
        frozenset({"graph", "without", "integrate"}),
        lambda _: {"graph": ("valuesim",)},
        _ablations,
    ),
    "scale": Study(
        "profiles of 0 to 232 items: Figures 2 and 3 with --protocol published; else nested, all "
        "folds",
        frozenset({"without", "integrate", "profile_size", "subset"}),
        lambda given: {"graph": ("valuesim",)} | _sizes(given),
        _scale,
    ),
    "controls": Study(
        "equal calls, another person's profile, no profile, a coordinator that always speaks",
        frozenset({"graph", "without", "integrate", "votes", "control"}),
        lambda _: {"graph": LLM_GRAPHS},
        _controls,
    ),
}


def study_experiments(
    name: str, base: Experiment, models: tuple[str, ...], out: Path
) -> Iterator[Experiment]:
    """The experiments of a study: the references once for each size of profile, then each model's.

    Raises pydantic.ValidationError for settings that do not go together.
    """
    every = list(STUDIES[name].steps(base))
    for size, subset in dict.fromkeys(
        (one.get("profile_size", base.profile_size), one.get("subset")) for one in every
    ):
        changed = {
            "graph": STANDING,
            "profile_size": size,
            "subset": subset or base.subset,
            "chat": "offline",
        }
        yield _step(base, out, out / "references", changed)
    for model in models:
        for changed in every:
            yield _step(base, out, out / _plain(model), {"chat": model} | changed)


def _step(base: Experiment, out: Path, folder: Path, changed: dict[str, Any]) -> Experiment:
    """An experiment with some settings changed, in a directory named after the variant."""
    values = base.model_dump(exclude={"models"}, by_alias=False) | changed
    if not has_coordinator(values["graph"], values["without"], values["integrate"]):
        values |= dict.fromkeys(COORDINATOR)
    experiment = Experiment(**values)
    place = folder / experiment.variant(experiment.graph[-1])
    kept = {"out": place, "calls": base.calls or out / CALLS}
    return experiment.model_copy(update=kept)


def _plain(name: str) -> str:
    """A model's name as a directory's."""
    return "".join(sign if sign.isalnum() or sign in "-._" else "-" for sign in name)
