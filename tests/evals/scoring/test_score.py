"""The command `evals.score`: what a run says of its own rows, what it refuses, and what it works out by hand."""

import csv
import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from scipy import stats

from baselines.answer_frame import answer_frame
from baselines.method import Row
from evals.harness.predictions_csv import write_answers_csv
from evals.metrics import RULES, score_table
from evals.score import main
from evals.scoring.item_file import read_item_file
from evals.scoring.settings import ScoreSettings
from survey.synthetic import sample_path
from tests.evals.command import ROOT, Outcome, in_process, metrics, predictions, tried

Run = Callable[..., Outcome]

ITEMS = "id,kind,codes\na,ordinal,1-5\nb,ordinal,1-5\nc,ordinal,1-5\n"
TRUTH = "respondent,a,b,c\n1,1,1,3\n2,1,2,3\n3,1,3,3\n4,1,4,3\n5,1,5,3\n"


@pytest.fixture
def score(capsys: pytest.CaptureFixture[str]) -> Run:
    """`evals.score` in this process."""

    return in_process(main, capsys)


def put(files: Mapping[str, str]) -> None:
    """Write files to the directory of the test."""
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8")


def lines(path: Path) -> list[dict[str, str]]:
    """The lines of a csv file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def by(table: list[dict[str, str]], *names: str) -> dict[tuple[str, ...], dict[str, str]]:
    """Lines by what these columns say."""
    return {tuple(line[name] for name in names): line for line in table}


def test_the_rows_of_a_run_come_to_what_the_run_says(run: Run, score: Run, wave: Path) -> None:
    graphs = "full_info,rag,demographics"
    assert run("--graph", graphs, "--data", wave, "--respondents", 5, "--folds", "1,2", "--out", "run").code == 0
    done = score("--truth", wave, "--predictions", "run/predictions.csv", "--out", "scored")

    assert done.code == 0
    assert "no language model" in done.out and "30 people in wave.csv; 5 with predictions" in done.err
    assert done.last == "making tables"
    theirs, ours = (metrics(Path(folder)) for folder in ("run", "scored"))
    assert ours["scores"].keys() == theirs["scores"].keys() and len(ours["scores"]) == 9
    for method, rules in theirs["scores"].items():
        for rule, dimensions in rules.items():
            for dimension, cells in dimensions.items():
                assert ours["scores"][method][rule][dimension] == cells, (method, rule, dimension)
    assert theirs["ridge_lambda"] == ours["ridge_lambda"] and "use λ = " in done.out
    assert (ours["notice"], ours["findings"]) == (theirs["notice"], theirs["findings"])
    for name in ("standing", "comparisons", "leaks", "distributions", "variety", "gaps", "subgroups"):
        same(lines(Path("run", f"{name}.csv")), lines(Path("scored", f"{name}.csv")))
    assert predictions(Path("scored")) == predictions(Path("run"))


def same(theirs: list[dict[str, str]], ours: list[dict[str, str]]) -> None:
    """Hold two tables against each other, to the last digit."""
    assert theirs == ours


def test_a_method_and_its_hard_coded_copy_tie(run: Run, score: Run) -> None:
    """What a reference gives as shares, and the same modes as single codes, are one method in two dresses."""
    wave = sample_path()
    assert run("--graph", "full_info", "--respondents", 12, "--out", "run").code == 0
    own = [row for row in predictions(Path("run")) if row["graph"] == "ridge"]
    cells = [[row[name] for name in ("respondent", "fold", "item", "predicted")] for row in own]
    hard = ["respondent,fold,item,predicted", *map(",".join, cells)]
    soft = [
        f"{','.join(cell)};{row['probabilities']}".replace(",", ";", 3) for cell, row in zip(cells, own, strict=True)
    ]
    put(
        {
            "run/hard.csv": "\n".join(hard),
            "run/soft.csv": "\n".join(["respondent;fold;item;predicted;probabilities", *soft]),
        }
    )

    files = [f"--predictions=run/{name}.csv" for name in ("soft", "hard", "predictions")]
    assert score("--truth", wave, *files, "--out", "out").code == 0

    found = by(lines(Path("out/comparisons.csv")), "scope", "graph", "against", "measure")
    for pair in (("soft", "hard"), ("soft", "ridge"), ("hard", "ridge")):
        for measure in ("accuracy", "mae"):
            line = found["all", *pair, measure]
            assert (float(line["difference"]), float(line["p"]), line["mae_by"]) == (
                0,
                1,
                "code" if measure == "mae" else "",
            )
    beside = {pair: found["all", *pair, "mae"]["by_median"] for pair in (("soft", "hard"), ("hard", "ridge"))}
    assert float(beside["soft", "hard"]) == -float(beside["hard", "ridge"]) != 0
    standing = by(lines(Path("out/standing.csv")), "scope", "graph")
    told = {graph: standing["all", graph] for graph in ("soft", "hard", "ridge", "chance")}
    assert [line["mae_by"] for line in told.values()] == ["median", "code", "median", "expectation"]
    assert told["soft"]["mae_code"] == told["hard"]["mae_code"] == told["hard"]["mae"] == told["ridge"]["mae_code"]
    assert told["soft"]["mae"] == told["ridge"]["mae"] != told["hard"]["mae"]


@pytest.mark.parametrize("below", [0.5, 1e-5, 9.5e-6, 1.05e-5, 4e-7, 1e-16])
def test_shares_at_the_edge_of_a_median_are_scored_alike_from_the_file(below: float, score: Run) -> None:
    """Half of the weight is reached on code 1, or not: by more or by less than six decimals would keep."""
    shares = {1: 0.5 - below, 3: 0.5 + below - 1 / 3, 4: 1 / 3}
    row = Row(
        **{"graph": "m", "variant": "full", "model": "", "protocol": "", "respondent": 1, "fold": 1, "item": "a"},
        **{"country": "", "dimension": "items", "truth": 1, "predicted": 3, "probabilities": shares},
        **{"readable": True, "error": "", "decided_by": "", "draw": 0},  # type: ignore[arg-type]
    )
    put({"items.csv": ITEMS, "truth.csv": TRUTH})
    write_answers_csv(Path("edge.csv"), answer_frame([row]))
    expected = score_table(answer_frame([row]), read_item_file(Path("items.csv")), "strict")["overall"]

    assert (
        score(
            *("--truth", "truth.csv", "--items", "items.csv", "--predictions", "edge.csv", "--no-references"),
            *("--out", "out"),
        ).code
        == 0
    )

    assert metrics(Path("out"))["scores"]["m/full"]["strict"]["overall"] == asdict(expected)


def test_groups_that_were_asked_different_questions_are_named(score: Run) -> None:
    people = [(person, "AUT" if person <= 40 else "CHL") for person in range(1, 81)]
    truth = [f"{n},{where},{1 + n % 5},{1 + n % 4 if where == 'AUT' else ''},2" for n, where in people]
    put({"items.csv": ITEMS, "truth.csv": "\n".join(["respondent,country,a,b,c", *truth])})
    mine = [f"{n},{1 + n % 3},{1 if where == 'AUT' else ''}" for n, where in people]
    put({"mine.csv": "\n".join(["respondent,a,b", *mine])})

    flags = ("--truth", "truth.csv", "--items", "items.csv", "--predictions", "mine.csv", "--out", "out")
    done = score(*flags)

    said = "Groups by country were asked different questions, so figures differ for that, too: CHL lacks b of 2."
    assert done.code == 0 and done.out.count(f"* {said}\n") == 1
    assert metrics(Path("out"))["warnings"] == [said]


def test_two_files_are_compared_person_by_person(score: Run) -> None:
    """By hand: `one` errs by 1/4 on b for the first two people; `other` by 1/2 on both items of the first four."""
    one = [f"{person},3,{b}" for person, b in enumerate((2, 3, 3, 4, 5), 1)]
    other = [f"{person},{c},{b}" for person, (c, b) in enumerate(((1, 3), (1, 4), (1, 1), (1, 2), (3, 5)), 1)]
    put({"items.csv": ITEMS, "truth.csv": TRUTH})
    put({"one.csv": "\n".join(["respondent,c,b", *one]), "other.csv": "\n".join(["respondent,c,b", *other])})

    done = score(
        *("--truth", "truth.csv", "--items", "items.csv", "--no-references", "--out", "out"),
        *("--predictions", "one.csv", "--predictions", "other.csv"),
    )

    assert done.code == 0
    standing = by(lines(Path("out/standing.csv")), "scope", "graph")
    assert float(standing["all", "one"]["accuracy"]) == pytest.approx((0.5 + 0.5 + 1 + 1 + 1) / 5)
    assert float(standing["all", "other"]["accuracy"]) == pytest.approx(1 / 5)
    assert float(standing["all", "one"]["mae"]) == pytest.approx((1 / 8 + 1 / 8) / 5)
    assert float(standing["all", "other"]["mae"]) == pytest.approx(4 * 0.5 / 5)
    found = by(lines(Path("out/comparisons.csv")), "scope", "measure")
    assert len(found) == 4
    differences = {"accuracy": [0.5, 0.5, 1, 1, 0], "mae": [-3 / 8, -3 / 8, -1 / 2, -1 / 2, 0]}
    for measure, values in differences.items():
        line = found["all", measure]
        assert (line["graph"], line["against"], line["people"], line["cases"]) == ("one", "other", "5", "10")
        assert float(line["difference"]) == pytest.approx(np.mean(values))
        assert float(line["p"]) == pytest.approx(4 / 32)  # of 32 sign changes, 2 x 2 leave four of one sign
        assert float(line["p_holm"]) == pytest.approx(2 * 4 / 32)
        assert float(line["p_t"]) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)
        assert float(line["effect"]) == pytest.approx(np.mean(values) / np.std(values, ddof=1))


def test_references_learn_from_people_without_predictions(score: Run) -> None:
    """Five people are predicted, the last of whom gave no answer; eight others said b = 2 five times, 4 three times."""
    answers = [(1, 4), (5, 4), (1, 4), (5, 4), *[(1, 2)] * 5, *[(5, 4)] * 3, (1, -2)]
    truth = [f"{person},{a},{b}" for person, (a, b) in enumerate(answers, 1)]
    put({"items.csv": ITEMS, "truth.csv": "\n".join(["respondent,a,b", *truth])})
    put({"mine.csv": "respondent,item,predicted\n1,b,4\n2,b,4\n3,b,1\n4,b,1\n13,b,1\n"})

    done = score("--truth", "truth.csv", "--items", "items.csv", "--predictions", "mine.csv", "--out", "out")

    assert done.code == 0 and "fitted on the 8 people without predictions" in done.out
    rows = predictions(Path("out"))
    assert list(dict.fromkeys(row["graph"] for row in rows)) == sorted(["chance", "mine", "mode", "new_topic", "ridge"])
    asked = {(row["respondent"], row["item"]) for row in rows if row["graph"] != "mine"}
    assert asked == {(str(person), "b") for person in range(1, 5)}
    mode = [row for row in rows if row["graph"] == "mode"]
    assert {row["predicted"] for row in mode} == {"2"}
    assert json.loads(mode[0]["probabilities"]) == {"2": 0.625, "4": 0.375}
    ridge = [json.loads(row["probabilities"])["4"] for row in rows if row["graph"] == "ridge"]
    assert min(ridge[1], ridge[3]) > max(ridge[0], ridge[2])  # who said a = 5 is known by it
    assert json.loads(Path("out/folds.json").read_text()) == {"1": {"held_out": ["b"], "known": ["a"]}}
    for line in ("mine", "mode †", "ridge †"):
        assert done.counts(line)[:3] == ["4", "1", "4"]
    compared = {line["against"] for line in lines(Path("out/comparisons.csv"))}
    assert compared == {"mode", "ridge"}


def test_references_in_the_file_stand_and_what_they_lack_is_added(score: Run) -> None:
    put({"items.csv": ITEMS, "truth.csv": TRUTH + "6,1,1,3\n"})
    given = "mode,reference,1,b,5\nmode,reference,2,b,\n"
    put({"mine.csv": f"method,decided_by,respondent,item,predicted\nmine,,1,b,1\nmine,,2,b,2\nmine,,3,b,3\n{given}"})

    done = score("--truth", "truth.csv", "--items", "items.csv", "--predictions", "mine.csv", "--out", "out")

    assert done.code == 0
    modes = [(row["respondent"], row["predicted"]) for row in predictions(Path("out")) if row["graph"] == "mode"]
    assert modes == [("1", "5"), ("2", ""), ("3", "1")]  # people 4 to 6 said 4, 5 and 1
    assert done.counts("mine")[:3] == done.counts("mode †")[:3] == ["3", "1", "3"]
    assert done.counts("mode †")[4] == "0"  # what a reference does not answer is no reply that could not be read


@pytest.mark.parametrize(("other", "key", "against"), [("m2", "deep/full/m2", "deep m2"), ("", "deep/full", "deep")])
def test_models_of_one_method_stand_apart_and_are_compared(score: Run, other: str, key: str, against: str) -> None:
    made = "".join(f"deep,{model},{n},b,{n}\n" for model in ("m1", other) for n in range(1, 5))
    put({"items.csv": ITEMS, "truth.csv": TRUTH, "mine.csv": f"method,model,respondent,item,predicted\n{made}"})

    done = score(
        *("--truth", "truth.csv", "--items", "items.csv", "--no-references", "--out", "out"),
        *("--predictions", "mine.csv"),
    )

    assert done.code == 0 and done.counts("deep m1")[:3] == ["4", "1", "4"]
    assert metrics(Path("out"))["scores"].keys() == {"deep/full/m1", key}
    [accuracy, *_] = lines(Path("out/comparisons.csv"))
    assert (accuracy["model"], accuracy["against"], accuracy["cases"]) == ("m1", against, "4")


def test_all_take_turns_where_most_are_predicted(score: Run) -> None:
    put({"items.csv": ITEMS, "truth.csv": TRUTH, "mine.csv": "respondent,b\n1,1\n2,2\n3,3\n4,4\n"})

    done = score("--truth", "truth.csv", "--items", "items.csv", "--predictions", "mine.csv", "--out", "out")

    assert done.code == 0 and "four fifths" in done.out
    modes = {row["respondent"]: row for row in predictions(Path("out")) if row["graph"] == "mode"}
    for person, row in modes.items():  # each said something else, so nobody's own answer is among the shares
        assert json.loads(row["probabilities"]) == {str(b): 0.25 for b in range(1, 6) if str(b) != person}


def test_an_item_that_a_known_one_gives_away_is_found(score: Run) -> None:
    rng = np.random.default_rng(1)
    answers = np.column_stack([rng.integers(1, 6, (300, 2)), np.zeros(300, int)])
    answers[:, 2] = 6 - answers[:, 0]
    truth = "\n".join(["a,b,c", *(",".join(map(str, person)) for person in answers.tolist())])
    mine = "\n".join(["respondent,item,predicted", *(f"{n},{item},3" for n in range(1, 41) for item in "bc")])
    put({"items.csv": ITEMS, "truth.csv": truth, "mine.csv": mine})
    files = ("--truth", "truth.csv", "--items", "items.csv", "--predictions", "mine.csv")

    assert score(*files, "--out", "out").code == 0

    leaks = by(lines(Path("out/leaks.csv")), "item")
    assert [(name, line["leak"], line["by"]) for (name,), line in leaks.items()] == [
        ("b", "", "a"),
        ("c", "determined", "a"),
    ]
    standing = by(lines(Path("out/standing.csv")), "scope", "graph")
    assert standing["all", "mine"]["cases"] == "80" and standing["without_leaked", "mine"]["cases"] == "40"
    everything = mine + "".join(f"\n{n},a,3" for n in range(1, 41))
    put({"mine.csv": everything})
    done = score(*files, "--out", "all")
    assert "Every item of the truth is predicted" in done.out
    assert {row["graph"] for row in predictions(Path("all"))} == {"mine", "chance", "mode"}
    assert {line["leak"] for line in lines(Path("all/leaks.csv"))} == {""}


def test_one_person_alone_stands_beside_chance(score: Run) -> None:
    put({"items.csv": ITEMS, "truth.csv": "a,b,c\n1,2,3\n", "mine.csv": "b\n2\n"})

    done = score("--truth", "truth.csv", "--items", "items.csv", "--predictions", "mine.csv", "--out", "out")

    assert done.code == 0 and "nobody else to learn from" in done.out
    assert {row["graph"] for row in predictions(Path("out"))} == {"chance", "mine"}


def test_groups_and_weights_come_from_columns_of_the_truth(score: Run) -> None:
    rows = [
        f"p{n},{'DEU' if n < 40 else 'TUR'},{1 + n % 2},{20 + n},{'yes' if n < 31 else 'no'},1,1" for n in range(80)
    ]
    mine = [f"p{n},{1 if (n < 40) != (n % 10 == 0) else 2}" for n in range(80)]
    put({"items.csv": ITEMS, "truth.csv": "\n".join(["respondent,country,weight,age,religion,a,b", *rows])})
    put({"mine.csv": "\n".join(["respondent,b", *mine])})

    done = score(
        *("--truth", "truth.csv", "--items", "items.csv", "--no-references", "--out", "out"),
        *("--predictions", "mine.csv"),
    )

    assert done.code == 0
    groups = by(lines(Path("out/subgroups.csv")), "scope", "weighted", "by", "group")
    assert groups["all", "False", "country", "DEU"]["accuracy"] == "0.9"
    assert groups["all", "False", "country", "TUR"]["accuracy"] == "0.1"
    assert groups["all", "False", "age", "30-44"]["people"] == "15"
    assert (groups["all", "False", "religion", "yes"]["people"], ("all", "True", "age", "60+") in groups) == (
        "31",
        True,
    )
    assert "mine is .800 more accurate for country DEU than for country TUR." in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--truth FILE is wanted"),
        (("--truth", "truth.csv"), "--predictions FILE is wanted"),
        (("--truth", "nope.csv", "--predictions", "mine.csv"), "nope.csv: no such file"),
        (("--truth", "truth.csv", "--predictions", "nope.csv"), "nope.csv: no such file"),
        (("--truth", "truth.csv", "--predictions", "mine.csv", "--rule", "lax"), "--rule 'lax'"),
        (("--truth", "truth.csv", "--predictions", "mine.csv", "--folds", "nope.json"), "nope.json: No such file"),
        (("--truth", "truth.csv", "--predictions", "ridge=mine.csv"), "ridge is the name of a reference"),
        (("--truth", "truth.csv", "--predictions", "a[b]=mine.csv"), "no bracket"),
        (
            ("--truth", "truth.csv", "--predictions", "mine.csv", "--predictions", "mine.csv"),
            "mine.csv: mine predicts respondent 1, item b, fold 1 twice",
        ),
        (
            ("--truth", "truth.csv", "--predictions", "other.csv"),
            "other.csv: 3 of 4 predictions are about people (6, 7, 8)",
        ),
        (("--truth", "truth.csv", "--predictions", "mine.csv", "--out", "taken"), "--out taken: holds other files"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(score: Run, arguments: tuple[str, ...], said: str) -> None:
    put({"items.csv": ITEMS, "truth.csv": TRUTH, "mine.csv": "respondent,b\n1,1\n"})
    put({"other.csv": "respondent,b\n1,1\n6,1\n7,1\n8,1\n"})
    Path("taken").mkdir()
    put({"taken/thesis.txt": "all I have"})

    done = score(*arguments, "--items", "items.csv", *(() if "--out" in arguments else ("--out", "out")))

    assert (done.code, done.out) == (2, "")
    assert done.last.startswith("evals.score: ") and said in done.last
    assert [path.name for path in Path("taken").iterdir()] == ["thesis.txt"] and not Path("out").exists()


def test_the_same_inputs_find_their_directory_again(score: Run) -> None:
    put({"items.csv": ITEMS, "truth.csv": TRUTH, "mine.csv": "respondent,b\n1,1\n", "more.csv": "respondent,b\n1,2\n"})
    files = ("--truth", "truth.csv", "--items", "items.csv", "--no-references", "--predictions")

    assert [score(*files, "mine.csv").code, score(*files, "mine.csv").code, score(*files, "x=mine.csv").code] == [
        0,
        0,
        0,
    ]
    folders = sorted(Path("runs").iterdir())
    assert len(folders) == 2 and all(re.fullmatch(r"score-[0-9a-f]{10}", folder.name) for folder in folders)
    assert {row["graph"] for folder in folders for row in predictions(folder)} == {"mine", "x"}
    assert score(*files, "mine.csv", "--rule", "published").code == 0 and len(list(Path("runs").iterdir())) == 3
    refused = score(*files, "more.csv", "--out", folders[0])
    assert refused.code == 2 and "holds a run with other settings: predictions" in refused.last


def test_the_rules_are_those_of_the_metrics() -> None:
    assert get_args(ScoreSettings.model_fields["rule"].annotation) == RULES


def test_help_loads_nothing_heavy() -> None:
    ends, loaded, shown = tried("evals.score", ["--help"], ["--rule", "lax"])

    assert ends == ["exit 0", "returned 2"]
    assert not {"pandas", "numpy", "scipy", "sklearn", "langgraph", "rich"} & loaded
    listed = {line.split()[0] for line in shown if line.startswith("  --")}
    assert listed == {
        "--truth",
        "--predictions",
        "--items",
        "--folds",
        "--rule",
        "--no-references",
        "--out",
        "--config",
        "--set",
    }
    assert "Undefined" not in "\n".join(shown)


def test_the_example_of_the_docs_does_what_they_say(score: Run) -> None:
    page = (ROOT / "docs/scoring.md").read_text(encoding="utf-8")
    put(dict(re.findall(r"<!-- file: (\S+) -->\n```\n(.*?)```", page, re.DOTALL)))
    [command] = re.findall(r"<!-- command -->\n```\nvaluesim score (.*?)\n```", page)
    [shown] = re.findall(r"<!-- shown -->\n```\n(.*?)```", page, re.DOTALL)

    done = score(*shlex.split(command))

    assert done.code == 0 and shown in done.out
    assert [row["respondent"] for row in predictions(Path("scored"))][::2] == 2 * ["ann", "bob", "cem", "dan", "eva"]
    standing = by(lines(Path("scored/standing.csv")), "scope", "graph")
    figures = {
        name: [f"{float(standing['all', name][m]):.3f}" for m in ("accuracy", "mae")] for name in ("ours", "theirs")
    }
    assert figures == {"ours": ["0.600", "0.083"], "theirs": ["0.500", "0.167"]}
    for figure in ("accuracy .600", "MAE .083", ".500. Its MAE is .167"):
        assert figure in page
