"""The tables as they are printed."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from baselines.answer_frame import answer_frame
from baselines.method import Row
from evals.costs.prices import tokens_used
from evals.harness.config_file import make_experiment
from evals.harness.experiment import Experiment
from evals.harness.methods import methods_of_experiment
from evals.harness.plan import Plan
from evals.harness.run_directory import open_run_directory
from evals.metrics import OVERALL, Score
from evals.render.formatting import format_figure
from evals.render.published_figures import paper_figures_of
from evals.render.scores import MethodLine, print_scores
from evals.runner.call_store import open_call_store
from evals.runner.results import write_results
from evals.runner.run_result import RunResult
from graph.settings import Settings
from survey.codebook import wvs7
from survey.respondents import read_survey
from survey.synthetic import write_population

pytestmark = pytest.mark.usefixtures("few_tables")

DIMENSIONS = [*wvs7().dimensions, OVERALL]


def score(accuracy: float | None, mae: float | None = None, rows: int = 100) -> Score:
    return Score(accuracy, mae, mae, 0.95, 50, rows, 2)


def line(graph: str, accuracy: float | None, mae: float | None, variant: str = "full", **more: Any) -> MethodLine:
    """The same score in each dimension but technology, where there is none."""
    scores = {name: score(accuracy, mae) for name in DIMENSIONS if name != "technology"}
    return MethodLine(graph, variant, more.pop("uses_others", False), scores, **more)


def shown(
    lines: Sequence[MethodLine],
    paper: Mapping[str, Mapping[str, Any]] | None = None,
    width: int = 80,
    styles: bool = False,
) -> str:
    """What the terminal shows."""
    console = Console(
        file=io.StringIO(), width=width, force_terminal=styles, color_system="standard" if styles else None, record=True
    )
    print_scores(console, lines, DIMENSIONS, "strict", paper or {})
    return console.export_text(styles=styles)


def rows_of(text: str, title: str) -> list[list[str]]:
    """The figures of the lines with this title."""
    return [found[len(title) :].split() for found in text.splitlines() if found.startswith(title + " ")]


PAIR = [line("valuesim", 0.5, 0.25), line("rag", 0.4, 0.125)]


def test_a_line_for_each_method_and_a_column_for_each_dimension() -> None:
    text = shown(PAIR)

    headers = [found.split() for found in text.splitlines() if found.split()[:1] == ["core"]]
    dimensions = ["core", "happy", "trust", "econ", "secur", "tech", "moral", "polit", "demog", "all"]
    assert headers == [dimensions, [*dimensions, "by"]]
    accuracy, mae, counts = rows_of(text, "ValueSim")
    assert accuracy == [".500"] * 5 + ["-"] + [".500"] * 4
    assert mae == [".250"] * 5 + ["-"] + [".250"] * 4
    assert counts == ["2", "50", "100", "95.0%", "0", "0"]
    assert text.index("Accuracy") < text.index("MAE") < text.index("What stands behind")
    assert "rule strict" in text


def test_the_best_of_a_column_is_bold_the_highest_accuracy_and_the_lowest_error() -> None:
    text = shown(PAIR, styles=True)

    bold = re.findall(r"\x1b\[1m\s*(\.\d+)", text)
    assert bold == [".500"] * 9 + [".125"] * 9


def test_equal_figures_are_bold_alike() -> None:
    text = shown([line("valuesim", 0.5, 0.25), line("rag", 0.50004, 0.25)], styles=True)

    assert re.findall(r"\x1b\[1m\s*(\.\d+)", text) == [".500"] * 18 + [".250"] * 18


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0, ".000"), (1, "1.000"), (0.1234, ".123"), (0.9996, "1.000"), (1.5, "1.500")]
)
def test_figures_have_three_decimals(value: float | None, text: str) -> None:
    assert format_figure(value) == text


def test_a_method_that_measured_nothing_has_dashes() -> None:
    nothing = Score(None, None, None, None, 0, 0, 0)
    text = shown([MethodLine("valuesim", "full", False, dict.fromkeys(DIMENSIONS, nothing), failed=12), PAIR[1]])

    accuracy, mae, counts = rows_of(text, "ValueSim")
    assert {*accuracy, *mae} == {"-"}
    assert counts == ["0", "0", "0", "-", "0", "12"]


def test_who_sees_other_people_is_marked_and_the_mark_explained() -> None:
    text = shown([*PAIR, line("mode", 0.6, 0.1, uses_others=True)])

    assert "mode †" in text and "ValueSim †" not in text
    assert "† sees other people's answers" in " ".join(text.split())
    assert "†" not in shown(PAIR)


def test_a_name_with_colons_or_brackets_is_printed_as_it_is() -> None:
    assert "x:llama:70b [/b]" in shown([line("x:llama:70b [/b]", 0.5, 0.25)])


def test_unread_and_failed_are_counted_beside() -> None:
    text = shown([line("valuesim", 0.5, 0.25, unread=7, failed=3)])

    assert rows_of(text, "ValueSim")[2][-2:] == ["7", "3"]


def test_a_variant_is_named() -> None:
    assert "ValueSim no_story" in shown([line("valuesim", 0.5, 0.25, "no_story")])
    assert "chance, paper's" in shown([line("chance", 0.2, 0.5, "paper")])


LONG = [
    *PAIR,
    line("full_info", 0.444, 0.333, "profile_58"),
    line("valuesim", 0.456, 0.123, "no_behavioral+no_cognitive+always+profile_116", unread=12345, failed=12345),
    line("chance", 0.2, 0.5, "paper"),
    line("country_mode", 0.6, 0.1, uses_others=True),
]


def test_the_tables_fit_in_80_columns() -> None:
    for lines in (LONG[:2] + LONG[4:], LONG):
        text = shown(lines, paper_figures_of("gpt-3.5-turbo"))

        assert all(len(found) <= 80 for found in text.splitlines())
        assert "…" not in text
        figures = [found for found in text.splitlines() if re.search(r" \.\d", found)]
        assert figures and all(len(re.findall(r"(?<!\S)(?:\.\d{3}|-)(?!\S)", found)) == 10 for found in figures)


@pytest.mark.parametrize("model", ["gpt-3.5-turbo", "openai:gpt-3.5-turbo-0125", "vllm:meta/Llama-3.1-8B-Instruct"])
def test_the_paper_has_figures_for_its_models(model: str) -> None:
    found = paper_figures_of(model)

    assert set(found) == {"valuesim", "full_info", "rag", "chance"}
    assert found["chance"]["overall"] == {"accuracy": 0.194, "mae": 0.507}
    expected = (0.452, 0.260) if "gpt" in model else (0.419, 0.308)
    assert (found["valuesim"]["overall"]["accuracy"], found["valuesim"]["overall"]["mae"]) == expected


@pytest.mark.parametrize("model", ["offline", "openai:gpt-4o-mini", "vllm:Llama-3.1-70B", "gpt-3.5", ""])
def test_the_paper_has_no_figures_for_other_models(model: str) -> None:
    assert paper_figures_of(model) == {}


def test_figures_of_the_paper_stand_below_the_method() -> None:
    lines = [line("valuesim", 0.5, 0.25), line("chance", 0.3, 0.4), line("chance", 0.2, 0.5, "paper")]
    text = shown(lines, paper_figures_of("gpt-3.5-turbo"))

    own = [found.split()[0].rstrip(",") for found in text.splitlines() if re.search(r" \.\d", found)]
    assert own == ["ValueSim", "paper", "chance", "chance", "paper"] * 2
    [accuracy, chance, mae, _] = rows_of(text, "  paper")
    assert (accuracy[0], accuracy[-1], chance[-1], mae[-1]) == (".520", ".452", ".194", ".260")
    assert "'paper'" in text


def test_figures_of_the_paper_are_never_the_best() -> None:
    lines = [line("valuesim", 0.1, 0.9)]
    text = shown(lines, paper_figures_of("gpt-3.5-turbo"), styles=True)

    assert re.findall(r"\x1b\[1m\s*(\.\d+)", text) == [".100"] * 9 + [".900"] * 9


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As many people as the paper drew."""
    path = tmp_path_factory.mktemp("many") / "many.csv"
    write_population(path, 101)
    return path


def results(experiment: Experiment, data: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What is printed at the end of a run, of which one respondent was answered."""
    plan = Plan.of(experiment, read_survey(data, wvs7()), wvs7())
    with open_run_directory(folder, experiment, {}, {}):
        kept = open_call_store(experiment, folder)
        every = list(methods_of_experiment(experiment, Settings()))
        rows = list(answered(plan, [(method.graph, method.variant) for method in every]))
        write_results(plan, folder, RunResult(answer_frame(rows), every, tokens_used(kept)))
        kept.close()
    return capsys.readouterr().out


def answered(plan: Plan, names: Iterable[tuple[str, str]]) -> Iterable[Row]:
    """Everybody says 1."""
    for graph, variant in names:
        for case in plan.cases(plan.person(plan.drawn[0], plan.folds[0]), plan.folds[0]):
            yield Row(
                graph=graph,
                variant=variant,
                model="m",
                protocol=plan.experiment.protocol,
                respondent=case.person.respondent,
                fold=1,
                item=case.item.id,
                country="AND",
                dimension=case.item.dimension,
                truth=case.person.answers.get(case.item.id),
                predicted=1,
                probabilities={1: 1.0},
                readable=True,
                error="",
                decided_by="direct",
                draw=0,
            )


@pytest.mark.parametrize(
    ("flags", "beside"),
    [
        ({}, True),
        ({"model": "openai:gpt-4o"}, False),
        ({"respondents": 99}, False),
        ({"folds": (1, 2, 3, 4)}, False),
        ({"seed": 43}, False),
        ({"protocol": "fair"}, False),
        ({"graph": ("valuesim", "rag")}, False),
        ({"integrate": "always"}, False),
        ({"profile_size": 116}, False),
    ],
)
def test_figures_of_the_paper_stand_beside_a_run_of_that_kind_alone(
    many: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: dict[str, Any], beside: bool
) -> None:
    experiment = make_experiment(
        {"paper": True, "tables": "all", "model": "openai:gpt-3.5-turbo", "base_url": "http://127.0.0.1:9"} | flags
    )
    text = results(experiment, many, tmp_path / "run", capsys)

    assert ("  paper  " in text) is beside
    assert (".452" in text and ".194" in text) is beside
    assert ("rule paper_tables" in text) is experiment.is_paper
    assert ("rule strict" in text) is not experiment.is_paper
