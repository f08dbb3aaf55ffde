"""The command: what it writes, that page and files tell the same, and what it refuses."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evals import report as command
from tests.evals.command import Outcome, tried
from tests.evals.reports.conftest import MODEL, NASTY, Page

Report = Callable[..., Outcome]
FIGURE = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d*\.\d+|\d+)(?![\w.])")
TABLES = {
    "findings", "standing", "scores_accuracy", "scores_mae", "comparisons", "agreement", "variety", "distributions",
    "gaps", "subgroups", "leaks_counted", "leaks", "counts", "provenance",
}  # fmt: skip


def figures(cells: list[str]) -> Iterator[str]:
    """The numbers in cells, as they are written."""
    for cell in cells:
        yield from FIGURE.findall(re.sub(r"chance, paper's|\d+ %", "", cell))


def stands_in(written: str, numbers: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> bool:
    """Whether one of the numbers, rounded as this one is written, is this one."""
    decimals = len(written.partition(".")[2])
    return bool((np.abs(numbers - float(written.replace(",", ""))) <= 0.5 * 10**-decimals + 1e-9).any())


def test_every_number_in_a_table_of_the_page_is_found_in_its_csv(made: Path) -> None:
    page, found = Page(made / "report.html"), 0
    for name, lines in page.tables.items():
        frame = pd.read_csv(made / "tables" / f"{name}.csv", keep_default_na=False)
        numbers = np.concatenate([pd.to_numeric(frame[column], errors="coerce").dropna() for column in frame])
        words = " ".join(map(str, frame.select_dtypes(exclude="number").to_numpy().ravel()))
        for written in figures([cell for line in lines[1:] for cell in line]):
            found += 1
            assert written in words or stands_in(written, numbers), f"{name}: {written}"
    assert found > 300
    assert set(page.tables) | {"findings", "gaps", "subgroups"} == TABLES


def written(value: float) -> str:
    """A figure as a page writes it."""
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 0.9995 else f"{value:.3f}"


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("standing", {"accuracy": "accuracy", "MAE": "mae", "MAE, one code": "mae_code"}),
        ("agreement", {"how often": "share", "how often right": "accuracy"}),
        (
            "variety",
            {"Wasserstein": "wasserstein", "by chance": "noise_wasserstein", "by real people": "never_used_real"},
        ),
        ("comparisons", {"difference": "difference", "effect d": "effect", "detectable": "detectable"}),
    ],
)
def test_figures_stand_under_their_names(made: Path, name: str, columns: dict[str, str]) -> None:
    [head, *lines] = Page(made / "report.html").tables[name]
    frame = pd.read_csv(made / "tables" / f"{name}.csv")
    frame = frame[frame["scope"] == "all"] if "scope" in frame else frame
    frame = frame[frame["weighted"] != True] if "weighted" in frame else frame  # noqa: E712

    for title, column in columns.items():
        shown = [line[head.index(title)].split(" [") for line in lines]
        assert [cell[0] for cell in shown] == ["-" if pd.isna(value) else written(value) for value in frame[column]]
        for cell, (_, line) in zip(shown, frame.iterrows(), strict=True):
            ends = [line.get(f"{column}_{end}", line.get(end)) for end in ("low", "high")]
            assert len(cell) == 1 or cell[1] == f"{written(ends[0])}, {written(ends[1])}]"


@pytest.mark.parametrize("name", ["standing", "comparisons", "variety", "distributions", "leaks", "subgroups", "gaps"])
def test_files_hold_what_the_run_worked_out(made: Path, answered: Path, name: str) -> None:
    own = pd.read_csv(answered / f"{name}.csv", keep_default_na=False)
    told = pd.read_csv(made / "tables" / f"{name}.csv", keep_default_na=False)

    assert list(told.columns) == ["run", *own.columns] and set(told["run"]) <= {"answered"}
    pd.testing.assert_frame_equal(told.drop(columns="run"), own, check_dtype=False)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_csv_parquet_and_latex_are_there_for_every_table(made: Path, name: str) -> None:
    csv = pd.read_csv(made / "tables" / f"{name}.csv", keep_default_na=True)
    parquet = pd.read_parquet(made / "tables" / f"{name}.parquet")
    latex = (made / "tables" / f"{name}.tex").read_text()

    assert list(parquet.columns) == list(csv.columns) and len(parquet) == len(csv)
    for column in parquet.select_dtypes("number"):
        np.testing.assert_allclose(parquet[column].astype(float), csv[column].astype(float), rtol=1e-12)
    assert "\\toprule" in latex and "\\bottomrule" in latex
    assert not re.search(r"(?<!\\)[%$#_]", re.sub(r"\\(?:begin|end|label|caption\w*)\{[^}]*\}", "", latex))
    assert "\x1b" not in latex


def test_names_of_models_are_escaped_in_page_and_latex(made: Path) -> None:
    source, latex = (made / "report.html").read_text(), (made / "tables" / "provenance.tex").read_text()

    assert MODEL in Page(made / "report.html").text and MODEL not in source
    assert r"\$x\_1\$" in latex and MODEL not in latex


def test_a_page_needs_nothing_from_outside_and_runs_nothing(made: Path) -> None:
    page = Page(made / "report.html")
    names = [tag for tag, _ in page.tags]

    [policy] = [given["content"] for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert not {"script", "link", "iframe", "object", "img", "base", "form"} & set(names)
    assert not [key for _, given in page.tags for key in given if key.startswith("on")]
    links = [given["href"] or "" for tag, given in page.tags if tag == "a"]
    assert links and all(re.match(r"#|tables/|figures/", link) for link in links)
    for link in links:
        assert link.startswith("#") or (made / link).is_file(), link
    assert NASTY.replace("\x1b", "") in page.text.replace("\x1b", "")
    assert (made / "report.html").stat().st_size < 5_000_000


def test_ids_of_a_page_are_there_once(made: Path) -> None:
    ids = [given["id"] for _, given in Page(made / "report.html").tags if "id" in given]

    assert len(ids) == len(set(ids))


def test_provenance_names_what_was_used_and_gives_no_path_and_no_key(
    report: Report, answered: Path, wave: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(answered, copy)
    config = json.loads((copy / "config.json").read_text())
    config["base_url"] = "https://models.example:8443/v1"
    (copy / "config.json").write_text(json.dumps(config))
    assert report(copy, "--answers", 0).code == 0

    text = Page(copy / "report" / "report.html").text
    assert "respondent " not in text and "You were told" not in text  # no answer of a single person
    facts = pd.read_csv(copy / "report" / "tables" / "provenance.csv").set_index("what")["told"]
    assert facts["model"] == f"openai:{MODEL} at https://models.example:8443/v1"
    assert config["provenance"]["decides"]["data"] in facts["data"] and "wave.csv, 30 rows" in facts["data"]
    assert config["provenance"]["decides"]["prompts"] in facts["protocol"]
    assert "12 drawn with seed 42; held-out folds: 1, 2" in facts["people"] and "langgraph" in facts["made with"]
    assert "may not be passed on" in facts["licence of the data"]
    assert facts["to repeat it"] == "python -m evals.run --config copy/config.json"
    metrics = json.loads((copy / "metrics.json").read_text())
    calls = sum(part["calls"] for part in metrics["usage"].values())
    assert f"({calls:,} calls)" in facts["served by"] and "prompt and" in facts["tokens"]
    everything = b"".join(path.read_bytes() for path in (copy / "report").rglob("*.*") if path.suffix != ".pdf")
    for hidden in (b"sk-not", str(wave.parent).encode(), str(tmp_path).encode()):
        assert hidden not in everything


@pytest.mark.parametrize(
    "address", ["https://somebody:secret@models.example/v1", "https://models.example/v1?key=secret"]
)
def test_a_run_whose_address_holds_a_secret_is_refused_and_the_secret_not_shown(
    report: Report, answered: Path, tmp_path: Path, address: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(answered, copy)
    config = json.loads((copy / "config.json").read_text())
    config["base_url"] = address
    (copy / "config.json").write_text(json.dumps(config))
    refused = report(copy, "--answers", 0)

    assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "OPENAI_API_KEY" in refused.err and "secret" not in refused.err and "somebody" not in refused.err
    assert not (copy / "report" / "report.html").exists()


def test_several_runs_stand_side_by_side_and_the_stand_in_is_named_at_the_head(
    report: Report, answered: Path, offline: Path, made: Path, tmp_path: Path
) -> None:
    assert report(answered, offline, "--out", tmp_path / "r", "--answers", 0).code == 0

    page = Page(tmp_path / "r" / "report.html")
    methods = [line[0] for line in page.tables["standing"]]
    assert f"ValueSim, openai:{MODEL} (answered)" in methods and "ValueSim, offline (offline)" in methods
    assert (
        "Made with the offline stand-in, which is no language model" in page.text[: page.text.index("What stands out")]
    )
    assert "stand-in" not in Page(made / "report.html").text


def test_counts_tell_what_was_unread(made: Path, answered: Path) -> None:
    rows = pd.read_csv(answered / "predictions.csv", keep_default_na=False)
    told = pd.read_csv(made / "tables" / "counts.csv").set_index("graph")

    for graph in ("valuesim", "full_info", "rag"):
        own = rows[rows["graph"] == graph]
        assert told.loc[graph, "unread"] == (~own["readable"]).sum() > 0
        assert told.loc[graph, "rows"] == len(own) and told.loc[graph, "failed"] == 0


def test_a_study_is_reported_with_its_curve(
    report: Report, wave: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from evals.study import main as study

    assert (
        study(
            [
                "scale",
                "--data",
                str(wave),
                "--respondents",
                "4",
                "--folds",
                "1",
                "--out",
                "study",
                "--graph",
                "valuesim",
            ]
        )
        == 0
    )
    assert report("study").code == 0

    page = Page(tmp_path / "study" / "report" / "report.html")
    assert "prints no numbers for its own curve" in page.text and "before about 100 items" in page.text
    curve = pd.read_csv("study/report/figures/scale.csv")
    standing = pd.read_csv("study/standing.csv", keep_default_na=False)
    for line in curve.to_dict("records"):
        same = standing[["scope", "graph", "variant"]].apply(tuple, axis=1) == ("all", line["graph"], line["variant"])
        assert line["accuracy"] == pytest.approx(float(standing.loc[same, "accuracy"].item()))
        assert line["variant"] == f"profile_{line['size']}"
    assert set(curve["graph"]) == {"valuesim", "new_topic", "ridge"}
    assert "offline/profile_58" in page.text


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda run: shutil.rmtree(run), "neither a run (no config.json) nor a study"),
        (lambda run: (run / "metrics.json").unlink(), "no metrics.json: the run is not finished"),
        (lambda run: (run / "gaps.csv").unlink(), "no gaps.csv: run the command that made it again"),
        (lambda run: (run / "predictions.csv").write_text("a,b\n1,2\n"), "predictions.csv cannot be read"),
        (lambda run: (run / "metrics.json").write_text("{"), "metrics.json"),
    ],
)
def test_what_is_no_finished_run_is_refused_in_one_line(
    report: Report, offline: Path, tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(offline, copy)
    spoil(copy)

    done = report(copy, "--out", tmp_path / "r")

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("evals.report: ") and says in done.err
    assert not (tmp_path / "r").exists()


def test_a_missing_package_is_told_with_the_way_out(
    report: Report, offline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "EXTRA", ("json", "no_such_package_here"))

    done = report(offline)

    assert done.code == 2
    assert done.err == "evals.report: needs no_such_package_here: pip install -e '.[report]' in the checkout\n"


def test_help_loads_nothing_heavy() -> None:
    ends, loaded, _ = tried("evals.report", ["--help"], ["--colour"], ["run", "--answers", "21"])

    assert ends == ["exit 0", "exit 2", "exit 2"]
    assert not {"matplotlib", "pandas", "numpy", "jinja2", "pyarrow", "langgraph", "rich"} & loaded
