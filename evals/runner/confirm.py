"""Asks before much money is spent: the estimate is shown, and yes or no is waited for."""

import sys
from collections.abc import Callable, Sequence

from rich.console import Console

from evals.costs.prices import tariff_of
from evals.harness.errors import ExperimentError
from evals.harness.plan import Plan
from evals.harness.run_settings import RunSettings
from evals.render.costs import print_costs
from evals.render.formatting import format_dollars
from evals.runner.estimate import estimate_run
from evals.runner.identity import directory_of_run

YES, NO = {"y", "yes"}, {"n", "no", ""}


def confirm_runs(console: Console, settings: RunSettings, plans: Sequence[Plan]) -> None:
    """Ask before these runs cost more than `ask_above` together, by what each has still to ask.

    Replies that several of them share are counted for each. Raises ExperimentError where the
    answer is no, or nobody can answer.
    """
    if not asks_first(settings):
        return
    priced = [plan for plan in plans if tariff_of(plan.experiment).priced]
    estimates = [(plan, estimate_run(plan)) for plan in priced]
    ends = [found.money or (0.0, 0.0) for _, found in estimates]

    def show() -> None:
        for plan, found in estimates:
            if found.money and found.calls.lines:
                console.print(f"{directory_of_run(plan)}:", soft_wrap=True, markup=False)
                print_costs(console, found.calls.lines, found.tariff, found.calls.answers)

    least, most = sum(low for low, _ in ends), sum(high for _, high in ends)
    confirm_money(console, settings, (least, most), show)


def asks_first(settings: RunSettings) -> bool:
    """Whether a command may have to ask: `--yes` agrees, and a low `--max-cost` is a promise."""
    if settings.yes or settings.ask_above is None:
        return False
    return settings.max_cost is None or settings.max_cost > settings.ask_above


def confirm_money(
    console: Console,
    settings: RunSettings,
    money: tuple[float, float],
    show: Callable[[], None],
) -> None:
    """Show the estimate and ask, where it may cost more than `ask_above`.

    `money`: US$, at least and at most. Raises ExperimentError where the answer is no, or nobody can
    answer.
    """
    least, most = money
    if settings.max_cost is not None:
        least, most = min(least, settings.max_cost), min(most, settings.max_cost)
    if not asks_first(settings) or most <= (settings.ask_above or 0):
        return
    amounts = "–".join(dict.fromkeys((format_dollars(least), format_dollars(most))))
    if not _somebody_looks():
        raise ExperimentError(
            f"this may cost US$ {amounts} by the estimate, above the US$ {settings.ask_above:g} of "
            "ask_above: --yes agrees, --dry-run shows the estimate, --max-cost sets a limit"
        )
    show()
    console.print(f"This may cost US$ {amounts} by the estimate above.", style="bold yellow")
    if not _agreed(console):
        raise ExperimentError("nothing was asked")


def _somebody_looks() -> bool:
    """Whether questions and answers go through a terminal."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty())


def _agreed(console: Console) -> bool:
    """Ask at the terminal until the answer is yes or no; no answer is no."""
    while True:
        try:
            said = console.input("Go on? yes or no: ").strip().casefold()
        except EOFError:
            console.print()
            return False
        if said in YES | NO:
            return said in YES
