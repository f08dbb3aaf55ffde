"""Runs one experiment and writes its tables: `python -m evals.run --graph valuesim`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from evals import interrupts
from evals.harness.config_file import make_experiment, read_config, refuse_two_choices
from evals.harness.errors import RunEndedError
from evals.harness.exit_codes import COMPLETE, FAILED_CALLS, INTERRUPTED
from evals.harness.experiment import PAPER, Experiment
from evals.runner.command import add_what_is_not_named, run_command
from graph.command_line.arguments import parse_flags
from graph.command_line.environment import environment_settings
from graph.command_line.validate import merge_settings

ABOUT = "Ask people's held-out survey questions to simulations of them, and score what they answer."
EXAMPLES = (
    "--graph valuesim --respondents 3",
    "--model openai:gpt-4o-mini --folds 1,2 --max-cost 2",
)


def main(arguments: Sequence[str] | None = None, prog: str = "evals.run") -> int:
    """Run one experiment and return its exit code.

    0: complete; 2: bad input or settings; 3: finished with failed calls; 130: interrupted.
    """

    def work() -> int:
        given, config = parse_flags(Experiment, prog, ABOUT, arguments, examples=EXAMPLES)
        refuse_two_choices(given)
        paper = PAPER if given.get("paper") else {}  # a flag as well, so it beats the file
        below = (read_config(config), environment_settings(Experiment))
        settings = merge_settings(Experiment, *below, paper, given)
        return _run(make_experiment(add_what_is_not_named(settings)))

    return run_command(prog, "interrupted before anything was asked", work)


def _run(experiment: Experiment) -> int:
    """Check the settings, ask, and write the results."""
    from rich.console import Console

    from evals.harness.asked_items import with_folds_of_items
    from evals.runner.confirm import confirm_runs
    from evals.runner.estimate import print_run_estimate
    from evals.runner.header import print_header, warn_of_long_prompts
    from evals.runner.identity import directory_of_run
    from evals.runner.preflight import make_plan, preflight, read_people
    from evals.runner.results import write_results
    from evals.runner.run import run_experiment

    console = Console(stderr=True, highlight=False)
    experiment = with_folds_of_items(experiment)
    with _keep_earlier_answers(experiment):
        preflight(experiment)
        plan = make_plan(experiment, read_people(experiment))
        print_header(console, plan)
        interrupts.raise_if_interrupted()
    warn_of_long_prompts(console, [plan])
    if experiment.dry_run:
        print_run_estimate(plan, console)
        return COMPLETE
    confirm_runs(console, experiment, [plan])
    directory = directory_of_run(plan)
    failed = run_experiment(plan, console, lambda result: write_results(plan, directory, result))
    return FAILED_CALLS if failed else COMPLETE


@contextmanager
def _keep_earlier_answers(experiment: Experiment) -> Iterator[None]:
    """Say at an interrupt that the answers of a run begun earlier are kept."""
    from evals.formats import LEDGER
    from evals.runner.tally import Tally

    if not experiment.out or not (experiment.out / LEDGER).is_file():
        yield
        return
    message = Tally(experiment.out, 0).sentence("interrupted")
    try:
        with interrupts.say_at_interrupt(lambda: message):
            yield
    except KeyboardInterrupt:
        raise RunEndedError(message, INTERRUPTED) from None


if __name__ == "__main__":
    raise SystemExit(main())
