"""The help of the command: every flag, at once, without loading what runs."""

from collections.abc import Callable
from importlib import import_module

import pytest
from pydantic import BaseModel

from evals.audits.settings import audit_flags
from evals.harness.experiment import Experiment
from evals.scoring.settings import ScoreSettings
from evals.studies.settings import StudySettings
from graph.command_line.arguments import parse_flags
from graph.command_line.flag import flag_of, option_string, setting_name
from graph.command_line.validate import make_settings
from graph.command_line.values import meaning_of, shown_default
from graph.serve.settings import ListenSettings, PageSettings, PersonSettings
from tests.evals.command import Outcome, in_process, tried

FLAGS = """
    graph items data respondents where seed folds model base-url embeddings temperature concurrency out without
    integrate protocol profile-size config set paper dry-run max-tokens max-cost yes
""".split()  # noqa: SIM905  # a list of words reads better than a list of strings
RARE = """
    embeddings-base-url coordinator-base-url top-k threshold order timeout request calls rpm tpm prices batch cluster
    trace coordinator prompts retry-failed rows balance people-seed ask-above
    tables show-answers
""".split()  # noqa: SIM905
GROUPS = ["what to ask", "whom to ask", "which model", "how to ask", "limits", "output", "more settings", "examples"]
HEAVY = {"langgraph", "langchain_core", "langchain_openai", "pandas", "numpy", "faiss", "openai", "rich"}


def test_help_lists_every_flag_with_what_it_does(run: Callable[..., Outcome]) -> None:
    shown = run("--help")

    assert (shown.code, shown.err) == (0, "")
    listed = {line.split()[0]: line for line in shown.out.splitlines() if line.startswith("  --")}
    assert {f"--{name}" for name in FLAGS} == set(listed) and len(listed) + 1 <= 25  # and -h
    assert [line[:-1] for line in shown.out.splitlines() if line[:1].isalpha() and line[-1] == ":"] == GROUPS
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    words = " ".join(shown.out.split())
    for told in (
        "(default: valuesim,full_info,rag)",
        "(default: 10)",
        "(default: 42)",
        "models that refuse one (default: 0)",
        "(default: smollm2)",
        "story|cab|cognitive|affective|behavioral",
        "on_disagreement|always|average",
        "fair|published",
    ):
        assert told in words


def test_help_and_wrong_flags_load_nothing_heavy() -> None:
    ends, loaded, _ = tried("evals.run", ["--help"], ["--colour"], ["--respondents", "0"])

    assert ends == ["exit 0", "exit 2", "returned 2"]
    assert not HEAVY & loaded


def test_flags_that_few_need_work_and_are_listed_elsewhere(run: Callable[..., Outcome]) -> None:
    shown, listed = run("--help").out, run("--set", "help")

    assert (listed.code, listed.err) == (0, "") and all(len(line) <= 80 for line in listed.out.splitlines())
    for name in RARE:
        assert f"--{name}" not in shown.replace("`--set help`", "") or name in ("order", "request")
        assert f"\n{name.replace('-', '_')} " in listed.out
    assert "top_k                 how many known answers RAG keeps (default: 3)" in listed.out


COMMANDS = {
    "evals.run": Experiment,
    "evals.study": StudySettings,
    "evals.score": ScoreSettings,
    "evals.audit": audit_flags(),
    "graph.serve.page": PageSettings,
    "graph.serve.mcp": PersonSettings,
    "graph.serve.studio": ListenSettings,
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_at_most_25_flags_with_groups_examples_and_defaults(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = in_process(import_module(name).main, capsys)("--help")

    lines = shown.out.splitlines()
    assert (shown.code, shown.err) == (0, "") and all(len(line) <= 80 for line in lines)
    assert len([line for line in lines if line.startswith(("  --", "  -h"))]) <= 25
    assert len([line for line in lines if line.startswith(("  python -m ", "  valuesim "))]) == 2
    words = " ".join(shown.out.split())
    for field in COMMANDS[name].model_fields.values():
        told = " ".join(meaning_of(field).split())
        assert f"(default: {shown_default(field)})" in told
        if flag_of(field).listed and flag_of(field).offered and name != "evals.study":
            assert told.replace("-", "") in words.replace("- ", "").replace("-", "")


@pytest.mark.parametrize("kind", [*COMMANDS.values()])
def test_every_field_is_reached_by_flag_or_by_set_and_its_default_is_itself(kind: type[BaseModel]) -> None:
    for name, field in kind.model_fields.items():
        default = shown_default(field)
        text = {"on": "true", "off": "false"}.get(default, default)
        if field.default is None or flag_of(field).shown:
            continue
        own = setting_name(kind, name)
        words = ["ablations"] if kind is StudySettings else []
        choices = {"ablations": ""} if words else None
        given, _ = parse_flags(kind, "x", "", [*words, "--set", f"{own}={text if text != 'none' else ''}"], choices)
        made = make_settings(kind, {name: given[name]})
        assert getattr(made, name) == field.default, name
        if flag_of(field).offered and field.annotation is not bool:
            flag, _ = parse_flags(kind, "x", "", [*words, option_string(kind, name), text], choices)
            assert text == "none" or flag[name] == given[name]
