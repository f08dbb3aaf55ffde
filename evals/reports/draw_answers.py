"""Which answers the report explains: drawn with a seed, some of each kind."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from evals.analysis.frame import METHOD

SEED = 42
RIGHT, WRONG = "right", "wrong"
COORDINATOR, UNREAD = "decided by the coordinator", "could not be read"


def draw_rule(method: str) -> str:
    """By what rule the answers of a method are drawn, in a sentence for readers."""
    return (
        f"Drawn with seed {SEED} among the answers of {method} whose truth is known: in turn one "
        "that is right, one that is wrong, one that the coordinator decided and one that could not "
        "be read, as far as there are any."
    )


def draw_answers_to_explain(rows: pd.DataFrame, many: int) -> list[tuple[int, str]]:
    """Draw respondents and items of up to `many` answers of one method, each once.

    `rows`: scored rows of that method.
    """
    counted = rows[rows["accuracy"].notna()].drop_duplicates(["respondent", "item"])
    mixed = counted.sample(frac=1, random_state=SEED)
    queues: dict[str, list[tuple[int, str]]] = {}
    for kind in (RIGHT, WRONG, COORDINATOR, UNREAD):
        queues[kind] = []
    for line in mixed.to_dict("records"):
        queues[_kind(line)].append((int(line["respondent"]), str(line["item"])))
    found: list[tuple[int, str]] = []
    while len(found) < many and any(queues.values()):
        found += [queue.pop(0) for queue in queues.values() if queue][: many - len(found)]
    return found


def _kind(line: Mapping[Any, Any]) -> str:
    """What kind of answer this is."""
    if not line["readable"]:
        return UNREAD
    if line["decided_by"] == "coordinator":
        return COORDINATOR
    return RIGHT if line["accuracy"] == 1 else WRONG


def first_method(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of one method: valuesim if there is one, in full or with the largest profile."""
    size = rows["variant"].str.extract(r"profile_(\d+)", expand=False).astype(float)
    order = rows.assign(
        other=rows["graph"] != "valuesim", changed=rows["variant"] != "full", size=-size
    )
    names = order.sort_values(["other", "changed", "size"], kind="stable")[["run", *METHOD]].head(1)
    return rows.merge(names, on=["run", *METHOD])
