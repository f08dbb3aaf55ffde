"""Methods as subjects of sentences: by name, or all of them together."""

from collections.abc import Sequence

import pandas as pd

from evals.harness.method_names import LLM_GRAPHS
from evals.render.labels import line_title
from evals.render.table import Line

COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
"""Counts of methods that are said in words; more methods are named one by one."""
MOST_NAMED = 3
"""How many methods are named where all are meant."""


def join_words(parts: Sequence[str]) -> str:
    """Join words as a sentence lists them: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def describe_methods(found: Sequence[Line], asked: Sequence[Line]) -> str:
    """Name methods as the subject of a sentence, with its verb."""
    if len(found) == len(asked) and len(found) > MOST_NAMED and len(found) in COUNTS:
        return f"All {COUNTS[len(asked)]} {_kind(asked)}s are"
    frame = pd.DataFrame(asked)
    named = join_words([line_title(line, frame) for line in found])
    return f"{named} {'is' if len(found) == 1 else 'are'}"


def deny_methods(found: Sequence[Line], asked: Sequence[Line]) -> str:
    """Name methods as the subject of a sentence that denies something of each."""
    if 1 < len(found) == len(asked) <= MOST_NAMED:
        frame = pd.DataFrame(asked)
        titles = [line_title(line, frame) for line in found]
        if len(titles) == 2:
            return f"Neither {titles[0]} nor {titles[1]} is"
        return f"None of {join_words(titles)} is"
    if len(found) < len(asked) or len(found) not in COUNTS:
        return f"{describe_methods(found, asked)} not"
    return f"None of the {COUNTS[len(asked)]} {_kind(asked)}s is"


def _kind(asked: Sequence[Line]) -> str:
    """What the methods are, in one word."""
    return "simulation" if all(line["graph"] in LLM_GRAPHS for line in asked) else "method"
