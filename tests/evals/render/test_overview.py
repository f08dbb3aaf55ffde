"""The short output: never more than 25 lines of 80 columns, whatever there is to say."""

import io
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from evals.analysis.skipped_tables import SkippedTables
from evals.analysis.tables import AnalysisTables
from evals.metrics import OVERALL, Score
from evals.render.overview import HEIGHT, WIDTH, Overview, print_overview
from evals.render.overview_table import overview_rows
from evals.render.scores import MethodLine


def method(graph: str, title: str, **more: Any) -> dict[str, Any]:
    figures = {"accuracy": 0.512, "accuracy_low": 0.401, "accuracy_high": 0.623, "mae": 0.25, "climbed": -1.234}
    return {"graph": graph, "title": title, "readable": 0.987} | figures | more


LADDER = [
    method("country_mode", "country mode †", climbed=0.0, readable=None),
    method("new_topic", "new topic †", climbed=None, readable=None),
    method("ridge", "ridge †", climbed=1.0, readable=None),
]
SHORT = [method("valuesim", "ValueSim"), method("rag", "RAG"), *LADDER]
MANY = [method("own", f"a method of a long name, number {number}, on [b] trial") for number in range(30)] + LADDER
LONG = "A sentence that goes on for as long as two lines of a terminal, which is what the longest of them do, or so."


def lines(**more: Any) -> list[str]:
    """What a terminal shows."""
    parts: dict[str, Any] = {"who": ["Ten people."], "rows": SHORT, "findings": [], "rest": ["Written to run."]}
    console = Console(file=io.StringIO(), width=100, record=True)
    print_overview(console, Overview(**(parts | more)))
    return console.export_text().splitlines()


@pytest.mark.parametrize("rows", [[], SHORT, MANY], ids=["none", "few", "many"])
@pytest.mark.parametrize("count", [0, 1, 3, 9])
def test_it_fits_whatever_there_is_to_say(rows: list[dict[str, Any]], count: int) -> None:
    text = [LONG] * count
    shown = lines(who=[LONG, LONG], rows=rows, findings=text, warnings=text[:3], rest=[LONG, LONG])

    assert len(shown) <= HEIGHT and all(len(line.rstrip()) <= WIDTH for line in shown)


def test_a_row_holds_method_what_it_is_accuracy_mae_ladder_and_readable_share() -> None:
    shown = [line.rstrip() for line in lines()]

    assert " ".join(shown[2].split()) == "method how it guesses accuracy MAE ladder readable"
    assert "ValueSim       story, then 3 views    .512 [.401, .623] .250 -1.234    98.7%" in shown
    assert "ridge †        from all other answers .512 [.401, .623] .250  1.000        -" in shown
    assert "ladder: 0 is as good as country mode, 1 as ridge; readable: replies naming an option; †: knows" in " ".join(
        shown
    )


def test_what_does_not_fit_is_counted_and_the_ladder_stays() -> None:
    shown = lines(rows=MANY)

    assert any(line.startswith("ridge †") for line in shown) and any(line.startswith("country mode") for line in shown)
    assert not any(line.startswith("new topic") for line in shown)
    [left] = [line for line in shown if "--tables all" in line]
    figures = sum(".512 [.401, .623]" in line for line in shown)
    assert left.startswith(f"{len(MANY) - figures} more")
    assert any(line.startswith("a method of a long name, number 0...") for line in shown)


def test_warnings_stand_before_findings_and_long_ones_are_cut() -> None:
    shown = lines(findings=["A finding."], warnings=["calls failed", "word " * 100])

    first, *later = [place for place, line in enumerate(shown) if line.startswith(("! ", "* "))]
    assert shown[first] == "! calls failed" and shown[later[-1]] == "* A finding."
    assert sum("word" in line for line in shown) == 2


def test_scores_without_intervals_stand_where_no_table_could_be_made() -> None:
    score = Score(0.5, 0.25, 0.25, 0.95, 50, 100, 2)
    methods = [MethodLine(graph, "full", False, {OVERALL: score}) for graph in ("valuesim", "ridge")]

    rows = overview_rows(AnalysisTables.empty(SkippedTables()), {}, methods)

    shown = [line.split() for line in lines(rows=rows)]
    assert ["ValueSim", "story,", "then", "3", "views", ".500", ".250", "-", "95.0%"] in shown
    assert ["ridge", "from", "all", "other", "answers", ".500", ".250", "-", "-"] in shown


def test_where_people_are_of_one_country_the_ladder_begins_at_the_mode() -> None:
    shown = " ".join(lines(rows=[SHORT[0], method("mode", "mode †", climbed=0.0, readable=None), LADDER[-1]]))

    assert "ladder: 0 is as good as mode, 1 as ridge;" in shown and "country" not in shown


def test_there_is_no_place_on_a_ladder_whose_ends_do_not_differ_beyond_chance() -> None:
    empty = AnalysisTables.empty(SkippedTables())
    found = []
    for graph, climbed in (("valuesim", 1.4), ("mode", None), ("ridge", None)):
        names = {"scope": "all", "model": "", "graph": graph, "variant": "full", "climbed": climbed}
        figures = dict.fromkeys(("accuracy", "accuracy_low", "accuracy_high", "mae"), 0.5)
        found.append(names | figures | {"climbed_low": None, "climbed_high": None})

    rows = overview_rows(replace(empty, standing=pd.DataFrame(found)), {("", "valuesim", "full"): 1.0})

    shown = lines(rows=rows)
    assert "ladder: none, as mode and ridge do not differ beyond chance" in " ".join(shown)
    assert [line.split()[-2:] for line in shown[3:6]] == [["-", "100.0%"], ["-", "-"], ["-", "-"]]
