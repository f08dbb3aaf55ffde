"""Simulated people as tools for desktop clients and agents, over MCP on stdio: `python -m graph.serve.mcp`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from graph.models import ModelError, chat_model
from graph.people import sample
from graph.settings import Settings
from survey.archive import DataError
from survey.codebook import wvs7
from survey.respondents import read


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the client hangs up. Returns 2, and says one line, when it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        from graph.serve.tools import server
    except ModuleNotFoundError as error:
        return _refuse(f"{error.name} is not installed: pip install 'valuesim[mcp]'")
    try:
        chat_model(options.model, options.base_url)  # a name that cannot be used is told now, not at the first question
        people = read(options.data, wvs7()) if options.data else sample()
    except (ModelError, DataError, OSError) as error:
        return _refuse(str(error))
    server(people, Settings(chat=options.model, base_url=options.base_url)).run()
    return 0


def _parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="graph.serve.mcp", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="the survey file whose respondents can be asked (default: a sample)")
    parser.add_argument("--model", default="offline", help="offline, openai:NAME, ollama:NAME, ... (default: offline)")
    parser.add_argument("--base-url", help="address of an OpenAI-compatible server")
    return parser


def _refuse(problem: str) -> int:
    """Say, in one line, why it does not start; nothing but the protocol goes to standard output."""
    sys.stderr.write(f"graph.serve.mcp: {' '.join(problem.split())}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
