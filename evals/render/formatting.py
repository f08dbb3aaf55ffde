"""How numbers are written in tables and sentences."""

from typing import Any

import pandas as pd

DASH = "-"
"""What is written where nothing was measured."""
SMALLEST_P = 0.0005
"""A p below this would be written as .000."""


def number_or_none(value: Any) -> float | None:
    """A number, or None for one that is missing."""
    return None if value is None or pd.isna(value) else float(value)


def format_figure(value: float | None) -> str:
    """Write three decimals without the leading 0; a dash for None."""
    if value is None:
        return DASH
    text = f"{round(value, 3) + 0.0:.3f}"  # adding 0 turns -0.0 into 0.0
    return text.replace("0.", ".", 1) if abs(value) < 0.9995 else text


def format_p_value(value: float | None) -> str:
    """Write a p; one that would be .000 as less than .001."""
    return "< .001" if value is not None and value < SMALLEST_P else format_figure(value)


def format_interval(low: float, high: float) -> str:
    """Write the ends of an interval, in brackets."""
    return f"[{format_figure(low)}, {format_figure(high)}]"


def format_count(value: float | None) -> str:
    """Write a whole number with commas; a dash for None."""
    return DASH if value is None else f"{value:,.0f}"


def format_large_count(number: float) -> str:
    """Write a number of calls or tokens, in millions from one million on."""
    return format_count(number) if number < 1e6 else f"{number / 1e6:,.1f}M"


def format_dollars(amount: float) -> str:
    """Write an amount of money, with more decimals below one dollar."""
    return f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.4f}"


def format_ridges(ridges: Any) -> str:
    """Write the penalties of regressions, separated by commas."""
    return ", ".join(f"{ridge:g}" for ridge in ridges)
