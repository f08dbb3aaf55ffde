"""Answer frames as rows, which tests read more easily."""

import pandas as pd

from baselines.answer_frame import ANSWER_COLUMNS, NO_CODE, Shares, codes_of_column
from baselines.method import Row


def rows_of(answers: pd.DataFrame) -> list[Row]:
    """The rows that an answer frame is made of."""
    shares, columns = Shares.of(answers), answers.astype(object)
    codes = {name: codes_of_column(answers[name]).tolist() for name in ("truth", "predicted")}
    found = []
    for line, (start, end) in enumerate(zip(shares.edges[:-1], shares.edges[1:], strict=True)):
        values = {name: columns[name].iloc[line] for name in ANSWER_COLUMNS}
        for name, given in codes.items():
            values[name] = None if given[line] == NO_CODE else given[line]
        own = zip(shares.codes[start:end].tolist(), shares.values[start:end].tolist(), strict=True)
        found.append(Row(**{**values, "probabilities": dict(own), "readable": bool(values["readable"])}))
    return found
