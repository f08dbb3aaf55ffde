"""What of ValueSim can be left out or done otherwise; light, so that `--help` need not load the
graphs.
"""

from collections.abc import Collection
from typing import Literal, get_args

Part = Literal["story", "cab", "cognitive", "affective", "behavioral"]
Integrate = Literal["on_disagreement", "always", "average"]
Order = Literal["paper", "cacheable", "question_last"]

PERSPECTIVES = ("cognitive", "affective", "behavioral")


def check_parts(without: Collection[str]) -> None:
    """Raise ValueError, one line, for parts that do not exist or cannot be left out together."""
    if unknown := sorted(set(without) - set(get_args(Part))):
        raise ValueError(f"without {unknown[0]}: known parts are {', '.join(get_args(Part))}")
    lenses = set(without) & set(PERSPECTIVES)
    if "cab" in without and lenses:
        raise ValueError(
            f"without cab leaves out all perspectives already: drop without "
            f"{', '.join(sorted(lenses))}"
        )
    if len(lenses) == len(PERSPECTIVES):
        raise ValueError("without all three perspectives nothing is left to ask: use without cab")
