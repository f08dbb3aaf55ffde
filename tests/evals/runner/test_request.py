"""Limits on replies and parameters of one's own, in runs: what identifies a reply, and what it costs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.harness.config_file import make_experiment, read_config
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from tests.evals.asked import agreeing, by_template
from tests.evals.command import Outcome
from tests.server import Server

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]


def config(folder: Path, **settings: object) -> Path:
    """A config file with these settings."""
    path = folder / "settings.json"
    path.write_text(json.dumps(settings))
    return path


def test_the_parameters_of_a_node_bill_that_node_alone_again(asking: Run, server: Server, tmp_path: Path) -> None:
    store = tmp_path / "shared.sqlite"
    server.answer = lambda prompt: "You work." if agreeing(prompt).startswith("You") else agreeing(prompt)
    assert asking("--calls", store, out="one").code == 0
    server.requests.clear()

    longer = config(tmp_path, request_by_node={"story": {"max_tokens": 3000}})
    assert asking("--calls", store, "--config", longer, out="two").code == 0

    assert by_template(server.prompts) == {"story": 2}  # both tell the same story, so all else is kept
    assert {body["max_tokens"] for _, _, body in server.requests} == {3000}


def test_what_is_sent_to_all_asks_all_again_and_is_another_run(asking: Run, server: Server) -> None:
    assert asking().code == 0
    first = len(server.requests)
    assert asking().code == 0
    assert len(server.requests) == first

    other = asking("--request", '{"reasoning_effort": "low"}')
    assert other.code == 2 and "holds a run with other settings: request" in other.last
    assert asking("--request", '{"reasoning_effort": "low"}', out="low").code == 0
    assert len(server.requests) == 2 * first
    assert {body.get("reasoning_effort") for _, _, body in server.requests[first:]} == {"low"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--request", "{"), "a JSON object is wanted"),
        (("--request", "[]"), "valid dictionary"),
        (("--request", '{"model": "other"}'), "model cannot be set here"),
        (("--request", '{"messages": []}'), "messages cannot be set here"),
        (("--request", '{"stream": true}'), "stream cannot be set here"),
        (("--request", '{"n": 2}'), "n cannot be set here"),
        (("--max-tokens", "0"), "greater than or equal to 1"),
        (("--max-tokens", "many"), "valid integer"),
    ],
)
def test_what_cannot_be_sent_is_one_line(asking: Run, server: Server, flags: tuple[str, ...], said: str) -> None:
    refused = asking(*flags).refused()

    assert said in refused and refused.startswith(f"evals.run: {flags[0]} ")
    assert server.requests == []


def test_a_node_that_there_is_not_is_one_line(asking: Run, tmp_path: Path) -> None:
    refused = asking("--config", config(tmp_path, request_by_node={"storey": {}})).refused()

    assert "--request-by-node" in refused and "'storey'" in refused and "coordinator" in refused


def test_the_papers_setting_sends_no_limit_and_is_still_the_papers() -> None:
    paper = make_experiment({"paper": True, "model": "openai:gpt-4o"})

    assert paper.is_paper and "max_tokens" not in paper.settings()
    assert make_experiment({"paper": True, "max_tokens": None}).settings().keys() == paper.settings().keys()
    assert not make_experiment({"paper": True, "max_tokens": 100}).is_paper
    assert not make_experiment({"paper": True, "request": {"seed": 1}}).is_paper
    assert not make_experiment({"paper": True, "request_by_node": {"rag": {"seed": 1}}}).is_paper


def test_default_limits_are_named_by_their_numbers() -> None:
    """So that a later version with others does not go on with this one's run."""
    decides = Experiment(model="openai:gpt-4o-mini").settings()["max_tokens"]

    assert decides["answer"] == 1024 and decides["story"] == 500


def test_a_run_from_before_there_were_limits_is_repeated_without_any(asking: Run, server: Server) -> None:
    assert asking("--max-tokens", "none").code == 0
    known = Path("run/config.json")
    told = json.loads(known.read_text())
    for name in ("max_tokens", "request", "request_by_node"):
        del told[name]
    known.write_text(json.dumps(told))
    server.requests.clear()

    again = {name: value for name, value in read_config(known).items() if name != "retry_failed"}
    assert make_experiment(again).max_tokens is None
    assert asking("--config", known).code == 0
    assert server.requests == []


def test_the_estimate_of_replies_is_bounded_by_their_limits(asking: Run) -> None:
    def completion(*flags: str) -> int:
        [line] = [line for line in asking("--dry-run", *flags).out.splitlines() if line.startswith("valuesim")]
        return int(line.split()[-1].replace(",", ""))

    assert completion("--max-tokens", "50") == 2 * 50 < completion()


def test_an_estimate_knows_what_is_kept_under_these_parameters(asking: Run) -> None:
    low = ("--request", '{"seed": 1}', "--calls", "shared.sqlite")
    assert asking(*low, graph="full_info").code == 0

    kept = asking(*low, "--dry-run", graph="full_info", out="other")
    assert "No model is to be asked" in kept.out
    high = ("--request", '{"seed": 2}', *low[2:])
    assert "No model is to be asked" not in asking(*high, "--dry-run", graph="full_info", out="other").out


def test_settings_that_go_into_an_audit_are_those_of_the_run() -> None:
    from evals.audit import experiment_of
    from evals.audits.settings import AuditSettings

    assert experiment_of(AuditSettings(), {"max_tokens": 70, "request": {"seed": 1}}).max_tokens == 70
    with pytest.raises(ExperimentError, match="--max-tokens"):
        experiment_of(AuditSettings(run=Path("run")), {"max_tokens": 70})
