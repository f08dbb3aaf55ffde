"""How far a run is: rate, time left, unread replies, failures, tokens and money."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from baselines.method import Row
from evals.costs.spending import dollars
from graph.gate import Budget


class Said(ProgressColumn):
    """A column that is asked what to say whenever the bar is drawn, not with every row."""

    def __init__(self, say: Callable[[Task], str]) -> None:
        super().__init__()
        self._say = say

    def render(self, task: Task) -> Text:
        """What there is to say now."""
        return Text(self._say(task))


class Watch:
    """A progress bar over rows. `tokens` says how many tokens were paid now, `budget` what the run has spent in all."""

    def __init__(
        self, console: Console, total: int, done: int, tokens: Callable[[], int], budget: Budget | None = None
    ) -> None:
        self._tokens, self._budget = tokens, budget
        self._unread = self._failed = 0
        self._bar = Progress(
            TextColumn("asking"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            Said(lambda task: f"{task.speed:.0f}/s" if task.speed else ""),
            TimeRemainingColumn(),
            Said(lambda _: self._said()),
            console=console,
            refresh_per_second=4,
            transient=True,
        )
        self._task = self._bar.add_task("", total=total, completed=done)

    def _said(self) -> str:
        """What was not read, what failed, and what was used."""
        money = f", US$ {dollars(self._budget.spent)}" if self._budget else ""
        return f"{self._unread} unread, {self._failed} failed, {self._tokens():,} tokens{money}"

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, row: Row) -> None:
        """Count a row."""
        self._failed += bool(row.error)
        self._unread += not row.readable and not row.error and row.decided_by != "reference"
        self._bar.advance(self._task)
