"""One call of a run whose time is known, and how long others take at its speed."""

from dataclasses import dataclass
from pathlib import Path

from evals.costs.prices import Tokens
from evals.costs.stored_calls import open_read_only
from evals.store.call_tables import CALL_STORE_FORMAT

FIRST = (
    "SELECT seconds, prompt_tokens, completion_tokens FROM calls "
    "WHERE run = ? AND seconds > 0 AND prompt_tokens + completion_tokens > 0 ORDER BY at LIMIT 1"
)


@dataclass(frozen=True)
class TimedCall:
    """How many seconds one call took, and its tokens, those of prompt and reply together."""

    seconds: float
    tokens: int

    def seconds_of(self, tokens: Tokens) -> float:
        """Return how long calls with these tokens take, one after another, at this speed."""
        return self.seconds * (tokens.prompt + tokens.completion) / self.tokens


def find_timed_call(path: Path, run: str) -> TimedCall | None:
    """Return the first call that a run paid for, from its call store; None where there is none.

    Raises StoreError or sqlite3.Error where the file cannot be read.
    """
    db = open_read_only(path, CALL_STORE_FORMAT)
    if db is None:
        return None
    try:
        row = db.execute(FIRST, (run,)).fetchone()
    finally:
        db.close()
    return TimedCall(row[0], row[1] + row[2]) if row else None
