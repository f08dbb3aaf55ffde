"""Which settings of an experiment do not go together; each refusal is one line."""

from typing import TYPE_CHECKING

from graph.llm.addresses import validate_address
from graph.llm.model_names import validate_embeddings_name, validate_model_name
from graph.variants import check_parts
from survey.folds import FOLDS, SIZES

if TYPE_CHECKING:
    from evals.harness.experiment import Experiment


def check_experiment(experiment: "Experiment") -> None:
    """Raise ValueError, one line, for settings that contradict each other."""
    check_parts(experiment.without)
    _check_servers(experiment)
    _check_variant(experiment)
    _check_batch(experiment)
    _check_items(experiment)
    _check_narrowing(experiment)
    if experiment.votes > 1 and experiment.temperature == 0:
        raise ValueError(
            f"votes {experiment.votes} at temperature 0 are one reply again and again: set "
            f"--temperature 1"
        )
    for name in ("graph", "folds", "without", "items"):
        values = getattr(experiment, name)
        if len(set(values)) < len(values):
            raise ValueError(f"--{name}: one value stands twice")


def _check_servers(experiment: "Experiment") -> None:
    """Refuse addresses that hold secrets, and names of models that name no provider."""
    key = "OPENAI_API_KEY"
    validate_model_name(experiment.chat)
    if experiment.coordinator:
        validate_model_name(experiment.coordinator)
    if experiment.embeddings is not None:
        validate_embeddings_name(experiment.embeddings)
    if experiment.base_url:
        validate_address(experiment.base_url, "--base-url or OPENAI_BASE_URL", key)
    if experiment.coordinator_base_url:
        validate_address(experiment.coordinator_base_url, "--coordinator-base-url", key)
    if experiment.embeddings_base_url:
        validate_address(
            experiment.embeddings_base_url, "--embeddings-base-url", "OPENAI_EMBEDDINGS_API_KEY"
        )


def _check_variant(experiment: "Experiment") -> None:
    """Refuse changes of valuesim that nothing would show."""
    without, integrate = experiment.without, experiment.integrate
    if (without or integrate != "on_disagreement") and "valuesim" not in experiment.graph:
        raise ValueError("--without and --integrate change valuesim, which is not among --graph")
    if "cab" in without and integrate != "on_disagreement":
        raise ValueError(f"--without cab has no coordinator: drop --integrate {integrate}")
    if experiment.coordinator_base_url and not experiment.coordinator:
        raise ValueError("--coordinator-base-url is of the model of --coordinator: name it as well")
    if experiment.coordinator and not experiment.asks_coordinator:
        raise ValueError(
            f"--coordinator {experiment.coordinator}: only valuesim has a coordinator, and asks it "
            "neither without cab nor with --integrate average"
        )


def _check_batch(experiment: "Experiment") -> None:
    """Refuse batches that cannot be asked."""
    if experiment.batch and not experiment.chat.startswith("openai:"):
        raise ValueError(
            f"--batch needs a model behind OpenAI's Batch API, openai:NAME, not {experiment.chat}"
        )
    if experiment.batch and experiment.cluster:
        raise ValueError(
            "--batch and --cluster do not go together: batches are asked from one process"
        )
    if experiment.batch and experiment.coordinator:
        raise ValueError("--batch asks one model: leave --coordinator out")


def _check_items(experiment: "Experiment") -> None:
    """Refuse folds and profiles that there are not."""
    if experiment.items_drawn == 0:
        raise ValueError("--items 0: name held-out items, or draw at least 1")
    if wrong := [fold for fold in experiment.folds if not 1 <= fold <= FOLDS]:
        raise ValueError(f"--folds {wrong[0]}: there are folds 1 to {FOLDS}")
    if experiment.subset == "redrawn" and experiment.profile_size not in SIZES:
        raise ValueError(f"subset redrawn: profile_size is one of {', '.join(map(str, SIZES))}")


def _check_narrowing(experiment: "Experiment") -> None:
    """Refuse a choice of people or items where all is fixed, and two choices of the same people."""
    flags = ["--" + name.replace("_", "-") for name in experiment.narrowing]
    if experiment.paper and flags:
        raise ValueError(f"--paper asks the paper's people and questions: leave {flags[0]} out")
    if experiment.rows is not None and experiment.balance:
        raise ValueError("--rows names the people, --balance draws them: give one")
    if experiment.rows is not None and experiment.people_seed is not None:
        raise ValueError("--rows names the people, --people-seed draws them: give one")
    people = [flag for flag in flags if flag not in {"--items", "--people-seed"}]
    if experiment.subset == "redrawn" and people:
        raise ValueError(
            f"subset redrawn: the published study draws from all: leave {people[0]} out"
        )
