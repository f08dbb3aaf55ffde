"""A coordinator with a model of its own: it alone asks that model; identity, costs and estimates know it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.costs.prices import tariff_of
from evals.harness.config_file import make_experiment
from evals.harness.errors import ExperimentError
from evals.harness.experiment import Experiment
from evals.harness.models import chat_identity, coordinator_identity, endpoints
from evals.studies.experiments import study_experiments
from tests.evals.asked import template_of
from tests.evals.command import Outcome, of_graph
from tests.server import Server

pytestmark = pytest.mark.usefixtures("few_tables")

Run = Callable[..., Outcome]
STRONG = ("--coordinator", "openai:strong", "--integrate", "always")


def models_by_template(server: Server) -> Counter[tuple[str, str]]:
    """How often each model was asked with each template."""
    found: Counter[tuple[str, str]] = Counter()
    for path, _, body in server.requests:
        if path.endswith("/chat/completions"):
            found[template_of(body["messages"][0]["content"]), body["model"]] += 1
    return found


def test_the_coordinator_alone_asks_its_model(asking: Run, server: Server, tmp_path: Path) -> None:
    done = asking(*STRONG)

    assert done.code == 0 and "The coordinator is openai:strong." in done.err
    asked = models_by_template(server)
    assert {model for template, model in asked if template == "coordinator"} == {"strong"}
    assert {model for template, model in asked if template != "coordinator"} == {"test"}
    variants = {row["variant"] for row in of_graph(tmp_path / "run", "valuesim")}
    assert variants == {"always+coordinator_openai-strong"}
    sent = len(server.requests)
    assert asking(*STRONG).code == 0 and len(server.requests) == sent
    assert "coordinator" in asking("--integrate", "always").last


def test_runs_without_one_are_known_as_they_always_were() -> None:
    assert not {"coordinator", "coordinator_base_url"} & Experiment().settings().keys()
    assert Experiment(coordinator="openai:m").settings()["coordinator"] == "openai:m"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"model": "openai:m", "base_url": "http://a", "coordinator": "openai:s"}, "http://a"),
        ({"model": "ollama:m", "base_url": "http://a", "coordinator": "vllm:s"}, None),
        ({"model": "offline", "base_url": "http://a", "coordinator": "openai:s"}, "http://a"),
        (
            {"model": "openai:m", "coordinator": "openai:s", "coordinator_base_url": "http://b"},
            "http://b",
        ),
    ],
)
def test_its_server_is_that_of_the_chat_model_unless_the_name_says_otherwise(
    given: dict[str, str], address: str | None
) -> None:
    experiment = make_experiment(given | {"embeddings": "offline"})

    assert experiment.coordinator_at == (given["coordinator"], address)
    assert coordinator_identity(experiment) != chat_identity(experiment)


def test_it_is_among_the_servers_and_the_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    given = {"graph": ("valuesim",), "model": "openai:gpt-4o-mini", "coordinator": "openai:gpt-4o"}
    experiment = make_experiment(given)

    assert [place.model for place in endpoints(experiment)] == ["gpt-4o-mini", "gpt-4o"]
    tariff = tariff_of(experiment)
    paid, shown = tariff.others["predict/coordinator"], tariff.others["coordinator"]
    assert paid == shown and paid and tariff.chat and paid.price.prompt > tariff.chat.price.prompt


@pytest.mark.parametrize(
    "more",
    [
        {"graph": ("rag",)},
        {"without": ("cab",)},
        {"integrate": "average"},
        {"batch": True, "model": "openai:m"},
    ],
)
def test_where_none_is_asked_it_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(ExperimentError, match="--coordinator"):
        make_experiment({"coordinator": "openai:s", "embeddings": "offline"} | more)


def test_a_study_has_it_where_a_coordinator_speaks(tmp_path: Path) -> None:
    base = Experiment(graph=("valuesim",), coordinator="openai:s")

    found = list(study_experiments("ablations", base, ("offline",), tmp_path))

    assert {one.coordinator for one in found if one.asks_coordinator} == {"openai:s"}
    assert {one.coordinator for one in found if not one.asks_coordinator} == {None}
