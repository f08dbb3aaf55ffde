"""Scores predictions made elsewhere as a run scores its own: `python -m evals.score`."""

from collections.abc import Sequence

from evals.harness.config_file import make_experiment, read_config
from evals.harness.exit_codes import COMPLETE
from evals.harness.identity import run_folder_name
from evals.runner.command import run_command
from evals.scoring.settings import ScoreSettings
from graph.command_line.arguments import parse_flags
from graph.command_line.environment import environment_settings
from graph.command_line.validate import merge_settings

ABOUT = "Score predictions made elsewhere, with the references, tables and tests that a run has."
EXAMPLES = (
    "--truth people.csv --predictions mine.csv",
    "--truth people.csv --predictions a=a.csv,b=b.csv",
)


def main(arguments: Sequence[str] | None = None, prog: str = "evals.score") -> int:
    """Score files of predictions; 0 complete, 2 bad input or settings, 130 interrupted."""

    def work() -> int:
        given, config = parse_flags(ScoreSettings, prog, ABOUT, arguments, examples=EXAMPLES)
        below = (read_config(config), environment_settings(ScoreSettings))
        settings = merge_settings(ScoreSettings, *below, given)
        return _score(make_experiment(settings, ScoreSettings))

    return run_command(prog, "interrupted", work)


def _score(settings: ScoreSettings) -> int:
    """Score the files, then write and print the results."""
    from rich.console import Console

    from evals.harness.run_directory import open_run_directory
    from evals.scoring.identity import scoring_identity
    from evals.scoring.result_files import print_people_scored, write_scores
    from evals.scoring.score_files import score_files

    result = score_files(settings)
    console = Console(stderr=True, highlight=False)
    print_people_scored(console, result)
    console.print("making tables", style="dim")
    identity = scoring_identity(settings)
    folder = settings.out or run_folder_name("score", identity)
    provenance = {"data": result.plan.survey.source, "rows": len(result.plan.survey)}
    with open_run_directory(folder, settings, identity, provenance):
        write_scores(result, folder, settings.tables)
    return COMPLETE


if __name__ == "__main__":
    raise SystemExit(main())
