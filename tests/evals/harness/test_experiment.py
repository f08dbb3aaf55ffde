"""Settings: flags, files and `config.json` are one."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.harness.config_file import make_experiment, read_config
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.identity import default_folder, experiment_identity
from graph.command_line.arguments import parse_flags
from tests.evals.command import Outcome, calls, of_graph, predictions

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]


def given(*flags: str) -> Experiment:
    """The experiment of these flags."""
    return make_experiment(parse_flags(Experiment, "evals.run", "", flags)[0])


def used(run: Run, wave: Path, out: Path, *arguments: object) -> dict[str, Any]:
    """The settings that a run wrote down; only the floors are run."""
    assert run("--graph", "chance", "--data", wave, "--out", out, *arguments).code == 0
    found: dict[str, Any] = json.loads((out / "config.json").read_text())
    return found


def test_the_defaults() -> None:
    plain = given()

    assert plain.graph == ("valuesim", "full_info", "rag")
    assert (plain.data, plain.respondents, plain.folds, plain.seed) == (None, 10, (1,), 42)
    assert (plain.chat, plain.protocol, plain.integrate, plain.without) == ("offline", "fair", "on_disagreement", ())
    assert (plain.temperature, plain.profile_size, plain.top_k, plain.threshold) == (0, None, 3, None)
    assert not plain.is_paper and plain.offline


def test_every_flag_sets_its_field() -> None:
    flags = (
        "--graph valuesim --graph rag --data a.csv --respondents 3 --seed 7 --folds 1,2 --folds 5 --model openai:m "
        "--base-url http://a --embeddings openai:e --embeddings-base-url http://b --temperature 0.5 --without story "
        "--without cognitive --integrate always --protocol published --profile-size 58 --top-k 4 --threshold 0.2 "
        "--prompts p --concurrency 5 --timeout 9 --out o --retry-failed"
    )

    assert given(*flags.split()) == Experiment(
        graph=("valuesim", "rag"),
        data=Path("a.csv"),
        respondents=3,
        seed=7,
        folds=(1, 2, 5),
        model="openai:m",
        base_url="http://a",
        embeddings="openai:e",
        embeddings_base_url="http://b",
        temperature=0.5,
        without=("story", "cognitive"),
        integrate="always",
        protocol="published",
        profile_size=58,
        top_k=4,
        threshold=0.2,
        prompts=Path("p"),
        concurrency=5,
        timeout=9,
        out=Path("o"),
        retry_failed=True,
    )


def test_a_temperature_of_none_is_none() -> None:
    assert given("--temperature", "none").temperature is None
    assert given("--temperature", "0").temperature == 0


def test_paper_sets_the_setting_of_the_paper() -> None:
    paper = given("--paper")

    assert (paper.respondents, paper.seed, paper.folds, paper.protocol) == (100, 42, (1, 2, 3, 4, 5), "published")
    assert paper.graph == ("valuesim", "full_info", "rag")
    assert paper.is_paper


@pytest.mark.parametrize(
    ("flags", "name", "value"),
    [
        ("--respondents 20", "respondents", 20),
        ("--protocol fair", "protocol", "fair"),
        ("--folds 1", "folds", (1,)),
        ("--graph valuesim", "graph", ("valuesim",)),
        ("--seed 1", "seed", 1),
        ("--integrate always", "integrate", "always"),
        ("--without story", "without", ("story",)),
        ("--profile-size 116", "profile_size", 116),
    ],
)
def test_a_flag_beats_paper_and_then_it_is_not_the_paper(flags: str, name: str, value: object) -> None:
    changed = given("--paper", *flags.split())

    assert getattr(changed, name) == value
    assert not changed.is_paper


def test_the_setting_of_the_paper_is_known_without_its_flag() -> None:
    flags = "--respondents 100 --folds 1,2,3,4,5 --protocol published --model openai:gpt-3.5-turbo"

    assert given(*flags.split()).is_paper


@pytest.mark.parametrize(
    ("flags", "embeddings"),
    [
        ("", ("offline", None)),
        ("--model offline --embeddings openai:e", ("openai:e", None)),
        ("--model openai:m", ("openai:text-embedding-ada-002", None)),
        ("--model openai:m --base-url http://a", ("openai:text-embedding-ada-002", "http://a")),
        (
            "--model openai:m --base-url http://a --embeddings-base-url http://b",
            ("openai:text-embedding-ada-002", "http://b"),
        ),
        ("--model openai:m --base-url http://a --embeddings openai:e", ("openai:e", "http://a")),
        ("--model openai:m --base-url http://a --embeddings ollama:e", ("ollama:e", None)),
        ("--model openai:m --base-url http://a --embeddings offline", ("offline", None)),
        ("--model ollama:m", ("ollama:text-embedding-ada-002", None)),
        ("--model vllm:m --base-url http://a", ("openai:text-embedding-ada-002", "http://a")),
    ],
)
def test_embeddings_go_where_the_chat_goes_unless_named(flags: str, embeddings: tuple[str, str | None]) -> None:
    assert given(*flags.split()).embeddings_at == embeddings


def test_a_control_and_votes_are_variants_of_graphs_alone() -> None:
    changed = Experiment(control="shuffled", votes=4, temperature=1.0, profile_size=58)

    assert changed.variant("rag") == "profile_58+shuffled+vote4"
    assert changed.variant("ridge") == "profile_58" and changed.variant("mode") == "full"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"votes": 4}, "votes 4 at temperature 0"),
        ({"subset": "redrawn"}, "profile_size is one of 0, 58, 116, 174, 232"),
        ({"subset": "redrawn", "profile_size": 57}, "profile_size is one of 0, 58, 116, 174, 232"),
        ({"control": "another"}, "'shuffled' or 'blank'"),
    ],
)
def test_settings_of_studies_are_checked(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ExperimentError, match=re.escape(said)):
        make_experiment(settings)


def test_settings_of_studies_come_from_a_file_alone(run: Run, small: Run, tmp_path: Path) -> None:
    (tmp_path / "blank.json").write_text('{"control": "blank"}')

    assert "--control" in run("--control", "blank").refused()
    assert small("--config", tmp_path / "blank.json").code == 0
    assert {row["variant"] for row in of_graph(tmp_path / "run", "valuesim")} == {"blank"}
    assert "story" not in calls(tmp_path / "run")


@pytest.mark.parametrize(
    ("flags", "variants"),
    [
        ("", ("full", "full")),
        ("--without story", ("no_story", "full")),
        ("--without cab", ("no_cab", "full")),
        ("--without cognitive", ("no_cognitive", "full")),
        ("--without story --without affective", ("no_affective+no_story", "full")),
        ("--without affective --without story", ("no_affective+no_story", "full")),
        ("--integrate always", ("always", "full")),
        ("--integrate average", ("average", "full")),
        ("--without behavioral --integrate average", ("no_behavioral+average", "full")),
        ("--profile-size 58", ("profile_58", "profile_58")),
        ("--profile-size 0 --without story", ("no_story+profile_0", "profile_0")),
    ],
)
def test_a_variant_is_named_after_what_was_changed(flags: str, variants: tuple[str, str]) -> None:
    changed = given(*flags.split())

    assert (changed.variant("valuesim"), changed.variant("rag")) == variants
    assert changed.variant("mode") == "full"


REFUSED = [
    ("--graph other", "--graph"),
    ("--graph valuesim,valuesim", "--graph"),
    ("--respondents 0", "--respondents"),
    ("--respondents many", "--respondents"),
    ("--folds 0", "--folds 0"),
    ("--folds 6", "--folds 6"),
    ("--folds 1,1", "--folds"),
    ("--folds x", "--folds"),
    ("--folds ,", "--folds"),
    ("--seed x", "--seed"),
    ("--temperature -1", "--temperature"),
    ("--temperature hot", "--temperature"),
    ("--integrate never", "--integrate"),
    ("--protocol other", "--protocol"),
    ("--profile-size -1", "--profile-size"),
    ("--top-k 0", "--top-k"),
    ("--threshold 2", "--threshold"),
    ("--concurrency 0", "--concurrency"),
    ("--timeout 0", "--timeout"),
    ("--without head", "--without"),
    ("--without story,story", "--without"),
    ("--without cab --without cognitive", "without cab"),
    ("--without cognitive,affective,behavioral", "without"),
    ("--without cab --integrate average", "--integrate average"),
    ("--without cab --integrate always", "--integrate always"),
    ("--without story --graph rag", "--without"),
    ("--integrate always --graph full_info,rag", "--integrate"),
]


@pytest.mark.parametrize(("flags", "named"), REFUSED)
def test_settings_that_do_not_go_are_refused_in_one_line_that_names_the_flag(
    run: Run, tmp_path: Path, flags: str, named: str
) -> None:
    assert named in run(*flags.split(), "--out", tmp_path / "out").refused()
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"seed": 5, "folds": [2, 3], "temperature": null}'),
        ("c.toml", 'seed = 5\nfolds = [2, 3]\n"base_url" = "http://a"'),
        ("c.yaml", "seed: 5\nfolds: [2, 3]\n"),
        ("c.yml", "# mine\nseed: 5\nfolds:\n- 2\n- 3\n"),
        ("c.json", '\ufeff{"seed": 5, "folds": [2, 3]}'),
    ],
)
def test_settings_come_from_a_file(run: Run, wave: Path, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    found = used(run, wave, tmp_path / "out", "--config", tmp_path / name, "--respondents", 2)

    assert (found["seed"], found["folds"]) == (5, [2, 3])


def test_a_flag_beats_the_file(run: Run, wave: Path, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"seed": 5, "respondents": 3}')

    found = used(run, wave, tmp_path / "out", "--config", tmp_path / "c.json", "--seed", 6)

    assert (found["seed"], found["respondents"]) == (6, 3)


def test_paper_on_the_command_line_beats_the_file(run: Run, wave: Path, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"protocol": "fair", "folds": [2], "concurrency": 3}')

    found = used(run, wave, tmp_path / "out", "--config", tmp_path / "c.json", "--paper", "--respondents", 2)

    assert (found["protocol"], found["folds"]) == ("published", [1, 2, 3, 4, 5])
    assert (found["respondents"], found["concurrency"]) == (2, 3)


@pytest.mark.usefixtures("unset")
def test_the_file_of_a_run_repeats_it_elsewhere(small: Run, run: Run, tmp_path: Path) -> None:
    flags = "--seed 9 --folds 2,1 --without story,behavioral --integrate average --profile-size 20 --top-k 2"
    assert small(*flags.split(), "--model", "offline").code == 0

    config = tmp_path / "run" / "config.json"
    assert run("--config", config, "--out", tmp_path / "again").code == 0

    assert (tmp_path / "again" / "predictions.csv").read_bytes() == (tmp_path / "run" / "predictions.csv").read_bytes()
    first, second = (json.loads(path.read_text()) for path in (config, tmp_path / "again" / "config.json"))
    assert first == second
    assert {row["variant"] for row in predictions(tmp_path / "again") if row["graph"] == "valuesim"} == {
        "no_behavioral+no_story+average+profile_20"
    }


def test_config_and_flags_and_experiment_are_one() -> None:
    flags = "--graph rag --folds 3,4 --temperature none --top-k 5 --timeout 3 --data a.csv --paper"
    made = given(*flags.split())

    assert make_experiment(json.loads(made.model_dump_json())) == made


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("absent.json", None, "No such file"),
        ("c.json", "{", "c.json"),
        ("c.json", "[1]", "settings by name"),
        ("c.json", "", "c.json"),
        ("c.toml", "seed = ", "c.toml"),
        ("c.yaml", "seed: [", "c.yaml"),
        ("c.yaml", "", "settings by name"),
        ("c.json", '{"colour": 1}', "--colour"),
        ("c.json", '{"seed": "x"}', "--seed 'x'"),
        ("c.json", '{"folds": 1}', "--folds 1"),
        ("c.json", '{"seed": null}', "--seed"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    run: Run, tmp_path: Path, name: str, text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)

    assert told in run("--config", name, "--out", "out").refused()
    assert not (tmp_path / "out").exists()


def test_bytes_that_are_no_text_are_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(b"\xff\xfe\x00{")

    assert "--config c.json" in run("--config", "c.json").refused()


def test_a_directory_is_no_config(run: Run, tmp_path: Path) -> None:
    assert "--config ." in run("--config", ".").refused()


def test_an_unknown_setting_is_told_where_the_error_is_raised() -> None:
    with pytest.raises(ExperimentError, match="--colour"):
        make_experiment({"colour": 1})
    with pytest.raises(ExperimentError, match="No such file"):
        read_config(Path("absent.toml"))


def test_what_changes_answers_changes_the_folder_and_nothing_else_does() -> None:
    def folder(*flags: str, data: str = "d", prompts: str = "p") -> Path:
        experiment = given(*flags)
        return default_folder(experiment, experiment_identity(experiment, data, prompts))

    plain = folder()
    assert plain.parent == Path("runs") and plain.name.startswith("valuesim-full_info-rag-")
    for same in (("--concurrency", "3"), ("--timeout", "5"), ("--out", "x"), ("--retry-failed",), ("--data", "b.csv")):
        assert folder(*same) == plain, same
    others = [
        folder("--seed", "1"),
        folder("--model", "openai:m"),
        folder("--temperature", "none"),
        folder("--top-k", "4"),
        folder(data="e"),
        folder(prompts="q"),
    ]
    assert len({plain, *others}) == len(others) + 1
