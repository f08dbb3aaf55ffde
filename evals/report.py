"""Makes a page of runs, with tables and figures beside it: `python -m evals.report RUN`."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from evals.harness.errors import ExperimentError
from evals.harness.exit_codes import COMPLETE
from evals.runner.command import run_command
from graph.command_line.parser import Parser

ABOUT = (
    "Make a page of one or more runs or studies, with its tables (csv, Parquet, LaTeX) and figures "
    "(svg, pdf)."
)
EXAMPLES = ("runs/mine", "runs/one runs/two --explain 12 Q57")
MOST = 20
"""Answers that a page explains besides those asked for."""
EXTRA = ("jinja2", "matplotlib")


def main(arguments: Sequence[str] | None = None, prog: str = "evals.report") -> int:
    """Make a report; 0 done, 2 bad input, 130 interrupted."""
    given = _parser(prog).parse_args(arguments)

    def work() -> int:
        if missing := [name for name in EXTRA if find_spec(name) is None]:
            raise ExperimentError(
                f"needs {', '.join(missing)}: pip install -e '.[report]' in the checkout"
            )
        cases = [_parse_case(*words) for words in given.explain]
        folder = given.out or given.run[0] / "report"
        return _report(given.run, folder, cases, given.answers)

    return run_command(prog, "interrupted; the same command makes it anew", work)


def _parser(prog: str) -> Parser:
    """Return the parser of the command line: runs, and a few flags in groups."""
    command = prog if "." not in prog else f"python -m {prog}"
    examples = "\n".join(f"  {command} {example}" for example in EXAMPLES)
    parser = Parser(
        prog=prog,
        usage="%(prog)s [OPTIONS] RUN [RUN ...]",
        description=ABOUT,
        epilog=f"examples:\n{examples}",
        add_help=False,
    )
    _add_report_flags(parser)
    more = parser.add_argument_group("more")
    more.add_argument("-h", "--help", action="help", help="show this help and exit")
    return parser


def _add_report_flags(parser: Parser) -> None:
    """Add the runs and the flags of a report."""
    what = parser.add_argument_group("what to report")
    what.add_argument(
        "run", nargs="+", type=Path, metavar="RUN", help="directory of evals.run or of evals.study"
    )
    what.add_argument(
        "--explain",
        nargs=2,
        action="append",
        default=[],
        metavar=("RESPONDENT", "ITEM"),
        help="also explain this answer, and print it; repeatable: a respondent's number and an "
        "item (default: none)",
    )
    what.add_argument(
        "--answers",
        type=int,
        choices=range(MOST + 1),
        default=MOST,
        metavar="N",
        help=f"how many answers the page explains, 0 to {MOST}; 0 to show no single person's "
        "(default: %(default)s)",
    )
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out", type=Path, metavar="DIR", help="where it goes (default: report, in the first RUN)"
    )


def _parse_case(respondent: str, item: str) -> tuple[int, str]:
    """Return the respondent and the item. Raises ExperimentError where the first is no number."""
    if not respondent.isdecimal():
        raise ExperimentError(
            f"--explain {respondent} {item}: a respondent is a number, the row of the file from 1"
        )
    return int(respondent), item.upper()


def _report(
    runs: Sequence[Path], folder: Path, cases: Sequence[tuple[int, str]], answers: int
) -> int:
    """Make the report, print the explanations of these cases, and name the page.

    `answers`: how many other answers the page explains.
    """
    from rich.console import Console

    from evals.render.console import print_written, terminal
    from evals.reports.build import PAGE, build_report
    from evals.reports.explanation import explanation_text

    console = terminal()

    def begun() -> None:
        Console(stderr=True).print("making tables, figures and the page", style="dim")

    for one in build_report(runs, folder, cases, answers, begun):
        console.print(explanation_text(one), soft_wrap=True, markup=False)
    print_written(console, folder / PAGE)
    return COMPLETE


if __name__ == "__main__":
    raise SystemExit(main())
