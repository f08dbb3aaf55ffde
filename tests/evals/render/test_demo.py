"""The example in the documents is what the short output prints of its figures."""

import io
import re
from pathlib import Path
from typing import Any

from rich.console import Console

from evals.render.labels import METHOD_LABELS
from evals.render.overview import HEIGHT, WIDTH, Overview, print_overview
from evals.render.overview_table import WHAT_IT_IS

DOCS = Path(__file__).parents[3] / "docs"
FIGURES = re.compile(r" (\S+) \[(\S+), (\S+)\] +(\S+) +(\S+) +(\S+)$")
GRAPHS = {METHOD_LABELS.get(graph, graph): graph for graph in WHAT_IT_IS}


def number(text: str) -> float | None:
    """A figure as it is written; None for a dash."""
    return None if text == "-" else float(text)


def read_row(line: str) -> dict[str, Any]:
    """The row of the table that is written so."""
    figures = FIGURES.search(line)
    assert figures, line
    label = max((label for label in GRAPHS if line.startswith(f"{label} ")), key=len)
    title, graph = (f"{label} †" if line.startswith(f"{label} †") else label), GRAPHS[label]
    accuracy, low, high, mae, climbed, readable = figures.groups()
    row = {"title": title, "graph": graph, "accuracy": number(accuracy), "mae": number(mae)}
    row |= {"accuracy_low": number(low), "accuracy_high": number(high), "climbed": number(climbed)}
    return row | {"readable": None if readable == "-" else float(readable.rstrip("%")) / 100}


def parts(text: str) -> list[list[str]]:
    """The lines of each part: who was asked, table and note, findings, the rest."""
    apart = re.sub(r"\n+(?=\* |All files:)", "\n\n", text.strip("\n"))
    found: list[list[str]] = []
    for part in apart.split("\n\n"):
        if found and part.startswith("* ") and found[-1][0].startswith("* "):
            found[-1] += part.splitlines()
        else:
            found.append(part.splitlines())
    return found


def sentences(lines: list[str]) -> list[str]:
    """The texts that were wrapped to these lines: a new one begins after a full stop and with `Next`."""
    found: list[str] = []
    for line in lines:
        goes_on = found and not found[-1].endswith(".") and not line.startswith(("Next", " "))
        found = [*found[:-1], f"{found[-1]} {line}"] if goes_on else [*found, line]
    return found


def test_the_example_is_printed_so() -> None:
    text = (DOCS / "demo.txt").read_text(encoding="utf-8")
    who, [head, *table], said, rest = parts(text)
    rows = [read_row(line) for line in table if FIGURES.search(line)]
    findings = " ".join(line.removeprefix("  ") for line in said).removeprefix("* ").split(" * ")
    console = Console(file=io.StringIO(), width=100, record=True)

    print_overview(console, Overview(sentences(who), rows, findings, sentences(rest)))

    assert " ".join(head.split()) == "method how it guesses accuracy MAE ladder readable" and len(rows) > 3
    printed = [line.rstrip() for line in console.export_text().splitlines()]
    assert printed == text.splitlines()
    assert len(text.splitlines()) <= HEIGHT and max(map(len, text.splitlines())) <= WIDTH


def test_the_page_on_the_first_run_shows_it() -> None:
    page = (DOCS / "first_run.md").read_text(encoding="utf-8")

    assert f"<!-- demo -->\n```text\n{(DOCS / 'demo.txt').read_text(encoding='utf-8')}```\n<!-- /demo -->" in page
