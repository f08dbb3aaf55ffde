"""What the report works out itself, by hand: agreement of the perspectives, shares, and the paper's figures."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evals.harness.experiment import Experiment
from evals.reports.agreement import agreement_table
from evals.reports.scores import dimension_table, scores_frame
from evals.reports.shares import farthest_items, option_shares
from evals.reports.sources import ReportSource, RunDirectory
from tests.evals.analysis.example_rows import BOOK, FOUR, frame, row


def decided(respondent: int, item: int, right: bool, by: str, **fields: Any) -> Any:
    """An answer of valuesim that came about in this way."""
    said = None if by == "" else 1 if right else 2
    return replace(row(respondent, FOUR[item], 1, said, **fields), decided_by=by)


def test_agreement_is_averaged_within_respondents_first() -> None:
    rows = [decided(1, item, item < 2, "unanimous") for item in range(3)] + [decided(1, 3, True, "coordinator")]
    rows += [decided(2, 0, False, "unanimous"), decided(2, 1, False, "coordinator")]
    rows += [decided(2, 2, False, "")]
    rows += [decided(2, 3, True, "unanimous", error="http_500")]  # failed: counts nowhere

    found = agreement_table(frame(rows).assign(run="one")).set_index("decided_by")

    assert found["answers"].to_dict() == {"unanimous": 4, "coordinator": 2, "": 1}
    assert found.loc["unanimous", "share"] == pytest.approx((3 / 4 + 1 / 3) / 2)
    assert found.loc["unanimous", "accuracy"] == pytest.approx((2 / 3 + 0) / 2)
    assert found.loc["coordinator", "share"] == pytest.approx((1 / 4 + 1 / 3) / 2)
    assert found.loc["coordinator", "accuracy"] == pytest.approx(1 / 2)
    assert found.loc["", "share"] == pytest.approx(1 / 6) and found.loc["", "accuracy"] == 0
    assert found["share"].sum() == pytest.approx(1)
    assert found.loc["unanimous", "accuracy_low"] < found.loc["unanimous", "accuracy"]


@pytest.mark.parametrize(("by", "variant"), [("direct", "no_cab"), ("average", "average"), ("coordinator", "always")])
def test_variants_whose_perspectives_cannot_disagree_have_no_agreement(by: str, variant: str) -> None:
    rows = [decided(1, 0, True, by, method=("offline", "valuesim", variant))]

    assert agreement_table(frame(rows).assign(run="one")).empty


def test_shares_are_of_people_who_gave_a_truth_and_were_read() -> None:
    item = FOUR[0]
    rows = [row(1, item, 1, 2), row(2, item, 1, 2), row(3, item, 4, {1: 0.5, 2: 0.5}), row(4, item, 3, 3)]
    rows += [row(5, item, 3, None), row(6, item, None, 3)]

    found = option_shares(frame(rows).assign(run="one"), BOOK).set_index("code")

    assert found["real"].to_dict() == pytest.approx({1: 0.5, 2: 0, 3: 0.25, 4: 0.25})
    assert found["simulated"].to_dict() == pytest.approx({1: 0.125, 2: 0.625, 3: 0.25, 4: 0})
    assert set(found["people"]) == {4}


def test_the_farthest_items_come_farthest_first() -> None:
    rows = [row(1, item, 1, 1) for item in FOUR[:4]]
    by_option = option_shares(frame(rows).assign(run="one"), BOOK)
    method = {"run": "one", "model": "offline", "graph": "valuesim", "variant": "full"}
    near = {FOUR[0]: 0.1, FOUR[1]: 0.9, FOUR[2]: 0.2, FOUR[3]: 0.5}
    distances = pd.DataFrame([{**method, "item": item, "jensen_shannon": near[item]} for item in near])

    assert list(farthest_items(by_option, distances, 2)["item"].unique()) == [FOUR[1], FOUR[3]]


def source_of(experiment: Experiment, lines: list[dict[str, Any]]) -> ReportSource:
    """A source with one run and these scores."""
    run = RunDirectory("one", Path("one"), experiment, {}, {})
    usual = {
        "variant": "full",
        "rule": "paper_tables",
        "dimension": "overall",
        "accuracy": 0.5,
        "mae": 0.25,
        "mae_valid": 0.2,
    }
    return ReportSource("one", [run], {}, pd.DataFrame([usual | line for line in lines]), (), False, "")


LINES: list[dict[str, Any]] = [
    {"model": "openai:gpt-3.5-turbo", "graph": "valuesim"},
    {"model": "openai:gpt-3.5-turbo", "graph": "full_info", "dimension": "core"},
    {"model": "openai:gpt-3.5-turbo", "graph": "valuesim", "rule": "strict"},
    {"model": "", "graph": "chance", "variant": "full"},
    {"model": "", "graph": "mode"},
]


def test_the_papers_figures_stand_beside_the_papers_setting() -> None:
    paper = Experiment(
        paper=True, respondents=100, folds=(1, 2, 3, 4, 5), protocol="published", model="openai:gpt-3.5-turbo"
    )

    found = scores_frame([source_of(paper, LINES)])

    beside = {
        (line.graph, line.rule, line.dimension): (line.paper_accuracy, line.paper_mae) for line in found.itertuples()
    }
    assert beside["valuesim", "paper_tables", "overall"] == (0.452, 0.26)
    assert beside["full_info", "paper_tables", "core"] == (0.257, 0.597)
    for nothing in (
        ("valuesim", "strict", "overall"),
        ("chance", "paper_tables", "overall"),
        ("mode", "paper_tables", "overall"),
    ):
        assert all(pd.isna(value) for value in beside[nothing])
    table = dimension_table([source_of(paper, LINES)], "accuracy")
    assert ["paper", "-", ".452"] in [list(line) for line in table.lines]


def test_an_ablation_stands_beside_the_papers_table_of_ablations() -> None:
    setting: dict[str, Any] = {"respondents": 100, "folds": (1, 2, 3, 4, 5), "protocol": "published"}
    experiment = Experiment(**setting, graph=("valuesim",), model="openai:gpt-3.5-turbo")
    lines = [LINES[0], LINES[0] | {"variant": "no_cab"}, LINES[0] | {"variant": "no_cognitive"}]

    found = scores_frame([source_of(experiment, lines)])

    assert found["paper_accuracy"].tolist()[:2] == [0.443, 0.375] and pd.isna(found["paper_accuracy"].iloc[2])


@pytest.mark.parametrize(
    "changed", [{"respondents": 99}, {"temperature": 1.0}, {"protocol": "fair"}, {"model": "openai:gpt-4o"}]
)
def test_the_papers_figures_stand_beside_nothing_else(changed: dict[str, Any]) -> None:
    setting = {"respondents": 100, "folds": (1, 2, 3, 4, 5), "protocol": "published", "model": "openai:gpt-3.5-turbo"}
    lines = [line | {"model": changed.get("model", line["model"])} if line["model"] else line for line in LINES]

    found = scores_frame([source_of(Experiment(**(setting | changed)), lines)])

    assert found["paper_accuracy"].isna().all()
