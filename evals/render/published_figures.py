"""The figures that the paper prints, by model, method and dimension."""

import csv
from functools import cache
from importlib.resources import files


@cache
def paper_figures() -> tuple[dict[str, str], ...]:
    """Read the figures of the paper's Tables 1 to 4, a mapping for each line of the file."""
    with files("evals.render").joinpath("published_figures.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(line for line in file if not line.startswith("#")))


def paper_figures_of(model: str) -> dict[str, dict[str, dict[str, float]]]:
    """The paper's figures for a model by method, dimension and measure, those of chance included.

    Empty for a model that the paper did not run.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    printed = [row for row in paper_figures() if row["tables"] == "1 and 3"]
    if not any(is_same_model(row["model"], model) for row in printed):
        return found
    for row in printed:
        if is_same_model(row["model"], model) or row["model"] == "any":
            cell = {measure: float(row[measure]) for measure in ("accuracy", "mae") if row[measure]}
            found.setdefault(row["method"], {})[row["dimension"]] = cell
    return found


def ablation_figures() -> list[dict[str, str]]:
    """The lines of the paper's Tables 2 and 4: methods without their parts, by model."""
    return [row for row in paper_figures() if row["tables"] == "2 and 4"]


def is_same_model(printed: str, model: str) -> bool:
    """Whether a model of the paper is the one that was asked, however its name is written."""
    return _letters(printed) in _letters(model)


def _letters(name: str) -> str:
    """A model's name without case and punctuation."""
    return "".join(sign for sign in name.lower() if sign.isalnum())
