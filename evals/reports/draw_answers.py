"""Which answers the report explains: drawn with a seed, some of each kind."""

import pandas as pd

from evals.analysis.frame import METHOD

SEED = 42
RULE = (
    "Drawn with seed {seed} among the answers of {method} whose truth is known: in turn one that "
    "is right, one that is "
    "wrong, one that the coordinator decided and one that could not be read, as far as there are "
    "any."
)
RIGHT, WRONG, COORDINATOR, UNREAD = (
    "right",
    "wrong",
    "decided by the coordinator",
    "could not be read",
)


def draw_answers_to_explain(rows: pd.DataFrame, many: int) -> list[tuple[int, str]]:
    """The respondents and items of up to so many answers of one method, each once.

    `rows`: scored rows of that method.
    """
    counted = rows[rows["accuracy"].notna()].drop_duplicates(["respondent", "item"])
    mixed = counted.sample(frac=1, random_state=SEED)
    queues = {kind: [] for kind in (RIGHT, WRONG, COORDINATOR, UNREAD)}  # type: dict[str, list[tuple[int, str]]]
    for line in mixed.to_dict("records"):
        queues[_kind(line)].append((int(line["respondent"]), str(line["item"])))
    found: list[tuple[int, str]] = []
    while len(found) < many and any(queues.values()):
        found += [queue.pop(0) for queue in queues.values() if queue][: many - len(found)]
    return found


def _kind(line: dict[object, object]) -> str:
    """What kind of answer this is."""
    if not line["readable"]:
        return UNREAD
    if line["decided_by"] == "coordinator":
        return COORDINATOR
    return RIGHT if line["accuracy"] == 1 else WRONG


def first_method(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the method that stands first: valuesim where there is one, whole or with the
    largest profile.
    """
    size = rows["variant"].str.extract(r"profile_(\d+)", expand=False).astype(float)
    order = rows.assign(
        other=rows["graph"] != "valuesim", changed=rows["variant"] != "full", size=-size
    )
    names = order.sort_values(["other", "changed", "size"], kind="stable")[["run", *METHOD]].head(1)
    return rows.merge(names, on=["run", *METHOD])
