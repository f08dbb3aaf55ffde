"""Settings in the environment and in `.env`: which beat which, and what is never read."""

import os
from pathlib import Path

import pytest

from evals.harness.experiment import Experiment
from graph.command_line.environment import environment_settings
from graph.command_line.flag import SettingsError
from graph.command_line.read import read_settings
from graph.serve.settings import PageSettings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A working directory without `.env`, and an environment that is restored."""
    for name in [name for name in os.environ if name.startswith(("VALUESIM_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.chdir(tmp_path)


def test_variables_are_read_as_flags_are() -> None:
    os.environ |= {"VALUESIM_MODEL": "ollama:m", "VALUESIM_FOLDS": "1,3", "VALUESIM_TEMPERATURE": "none"}
    os.environ |= {"VALUESIM_KEYS": "secret", "VALUESIM_TOP_K": ""}

    found = environment_settings(Experiment)

    assert found == {"chat": "ollama:m", "folds": ("1", "3"), "temperature": None}
    made = Experiment(**found)
    assert (made.chat, made.folds, made.temperature, made.top_k) == ("ollama:m", (1, 3), None, 3)


def test_a_wrong_variable_is_named() -> None:
    os.environ["VALUESIM_TOP_K"] = "0"

    with pytest.raises(SettingsError, match=r"^VALUESIM_TOP_K '0': Input should be greater"):
        environment_settings(Experiment)


def test_a_flag_beats_the_environment_that_beats_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"model": "ollama:file", "top_k": 7, "port": 1}')
    os.environ |= {"VALUESIM_MODEL": "ollama:variable", "VALUESIM_PORT": "2"}

    made = read_settings(PageSettings, "x", "", ["--config", "c.json", "--port", "3"])

    assert (made.port, made.chat, made.top_k) == (3, "ollama:variable", 7)


def test_a_file_gives_keys_and_settings_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=k\nVALUESIM_TOP_K=4\nVALUESIM_OPEN=1\nPATH=x\nVALUESIM_SEED=1\n")
    os.environ["VALUESIM_SEED"] = "9"
    path = os.environ["PATH"]

    assert {name: str(value) for name, value in environment_settings(Experiment).items()} == {
        "top_k": "4",
        "seed": "9",
    }
    assert (os.environ["OPENAI_API_KEY"], os.environ["PATH"]) == ("k", path) and "VALUESIM_OPEN" not in os.environ


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "VALUESIM_BASE_URL", "VALUESIM_EMBEDDINGS_BASE_URL"])
def test_a_file_that_names_an_address_is_not_read(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY=k\nVALUESIM_TOP_K=4\n{name}=http://elsewhere\n")

    assert environment_settings(Experiment) == {} and "OPENAI_API_KEY" not in os.environ
    assert capsys.readouterr().err.startswith(f".env is not read: it sets {name}, and a file may not say where")


def test_set_and_flag_of_one_setting_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    refused = {
        ("--top-k", "2", "--set", "top_k=3"): "--set top_k=3: --top-k is given as well",
        ("--set", "top_k"): "--set top_k: NAME=VALUE is wanted, such as top_k=5",
        ("--set", "colour=1"): "--set colour=1: no such setting; --set help lists them",
    }
    for flags, said in refused.items():
        with pytest.raises(SystemExit):
            read_settings(PageSettings, "x", "", flags)
        assert capsys.readouterr().err == f"x: {said}\n"
    assert read_settings(PageSettings, "x", "", ["--set", "model=m", "--set", "max-tokens=9"]).max_tokens == 9
