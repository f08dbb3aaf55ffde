"""The command `valuesim`: one subcommand for each program, loaded when it is called."""

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from evals import early
from valuesim.guide import guide_text


class Command(NamedTuple):
    """One subcommand: the module whose `main` runs it, and what the help says about it."""

    module: str
    about: str


COMMANDS = {
    "run": Command(
        "evals.run", "ask held-out questions of simulated people, and score the answers"
    ),
    "study": Command("evals.study", "run a list of experiments, and show them in one table"),
    "score": Command(
        "evals.score", "score predictions made elsewhere with the same tables and tests"
    ),
    "audit": Command("evals.audit", "compare backstories with the answers they are told from"),
    "report": Command("evals.report", "make a page with tables and figures of finished runs"),
    "page": Command("graph.serve.page", "ask a simulated person and talk with one, in the browser"),
    "studio": Command(
        "graph.serve.studio", "serve the graphs to LangGraph Studio, chat pages and agents"
    ),
    "mcp": Command("graph.serve.mcp", "offer simulated people as tools to MCP clients"),
    "synthetic": Command("survey.synthetic", "write a survey file of people who never lived"),
}
EXAMPLES = (
    ("valuesim run", "all graphs, over ten real people"),
    ("valuesim page --model ollama:llama3.1", "talk with a person, by a local model"),
)
BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit code; 2 where there is no such subcommand.

    Where none is named, a short guide is printed. `arguments` default to those of this process,
    which then is the subcommand's alone: Ctrl-C ends it in one line while modules are still loaded.
    """
    name, *rest = [*(sys.argv[1:] if arguments is None else arguments)] or [""]
    if not name:
        print(guide_text())
        return 0
    if name in {"-h", "--help"}:
        print(help_text())
        return 0
    if name == "--version":
        from valuesim import __version__

        print(f"valuesim {__version__}")
        return 0
    if name not in COMMANDS:
        print(unknown_command(name), file=sys.stderr)
        return BAD_INPUT
    return _run(f"valuesim {name}", COMMANDS[name].module, rest, whole_process=arguments is None)


def _run(prog: str, module: str, arguments: Sequence[str], whole_process: bool) -> int:
    """Load the module of a subcommand and call its `main`."""
    if whole_process:
        early.begin(prog)
    program = import_module(module)
    if whole_process and not module.startswith("evals."):  # servers handle Ctrl-C themselves
        signal.signal(signal.SIGINT, signal.default_int_handler)
    code: int = program.main(arguments, prog)
    return code


def help_text() -> str:
    """What `valuesim --help` prints."""
    wide = max(map(len, COMMANDS))
    wider = max(len(example) for example, _ in EXAMPLES)
    return "\n".join(
        [
            "usage: valuesim COMMAND [FLAGS] | --help | --version",
            "",
            "Simulate survey respondents with language models, and score the simulations.",
            "",
            *(f"  {name:{wide}}  {command.about}" for name, command in COMMANDS.items()),
            "",
            "valuesim COMMAND --help lists the flags of a command.",
            "",
            "Examples:",
            *(f"  {example:{wider}}  {about}" for example, about in EXAMPLES),
        ]
    )


def unknown_command(name: str) -> str:
    """What is printed for a subcommand that does not exist, with the nearest name."""
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    way_out = f"did you mean {near[0]}?" if near else f"choose from {', '.join(COMMANDS)}"
    return f"valuesim: no command {name!r}; {way_out}"
