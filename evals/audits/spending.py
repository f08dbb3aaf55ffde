"""What an audit may cost: shown by `--dry-run`, and asked about before much is spent."""

import sqlite3
from functools import partial
from pathlib import Path

from rich.console import Console

from evals.audits.estimate import estimate_audit
from evals.audits.story_source import StorySource
from evals.costs.spending import CostLine, money_range
from evals.harness.errors import ExperimentError
from evals.render.console import terminal
from evals.render.costs import print_costs
from evals.runner.confirm import asks_first, confirm_money
from evals.store.store_format import StoreError


def print_audit_estimate(source: StorySource, folder: Path) -> None:
    """Print what an audit may still ask, and what that costs; nothing is asked or written."""
    console, lines = terminal(), _estimated(source, folder)
    console.print("ESTIMATE of what is still to be asked; nothing was sent.", style="bold yellow")
    if not lines:
        console.print("No model is to be asked.")
        return
    print_costs(console, lines, source.costs, {})


def confirm_audit(console: Console, source: StorySource, folder: Path) -> None:
    """Ask before an audit costs more than `ask_above`, by what it may still ask.

    Raises ExperimentError where the answer is no, or nobody can answer.
    """
    settings, tariff = source.plan.experiment, source.costs
    if not asks_first(settings) or not tariff.priced:
        return
    lines = _estimated(source, folder)
    money = money_range(lines, tariff) or (0.0, 0.0)
    confirm_money(console, settings, money, partial(print_costs, console, lines, tariff, {}))


def _estimated(source: StorySource, folder: Path) -> list[CostLine]:
    """Estimate an audit. Raises ExperimentError where its call store cannot be read."""
    try:
        return estimate_audit(source, folder)
    except StoreError:
        raise
    except sqlite3.Error as error:
        raise ExperimentError(f"--out {folder}: its call store cannot be read ({error})") from None
