"""Simulated people as tools for desktop clients and agents, over MCP on stdio: `python -m
graph.serve.mcp`.
"""

import sys
from collections.abc import Sequence

from graph.command_line.flag import SettingsError
from graph.command_line.parser import refuse
from graph.command_line.read import read_settings
from graph.serve.settings import PersonSettings, graph_settings_of, people_of

ABOUT = "Serve simulated people as tools for desktop clients and agents, over MCP on stdio."
EXAMPLES = ("", "--data people.csv --model ollama:llama3.1:8b")


def main(arguments: Sequence[str] | None = None, prog: str = "graph.serve.mcp") -> int:
    """Serve until the client hangs up. Returns 2, and says one line, when it cannot start."""
    try:
        given = read_settings(PersonSettings, prog, ABOUT, arguments, EXAMPLES)
    except SettingsError as error:
        return refuse(prog, str(error))
    try:
        from graph.persona.sample import sample_respondents
        from graph.serve.mcp_server import make_mcp_server
    except ModuleNotFoundError as error:
        return refuse(
            prog, f"{error.name} is not installed: pip install -e '.[mcp]' in the checkout"
        )
    try:
        settings = graph_settings_of(given)
        respondents = people_of(given) or sample_respondents()
    except (OSError, ValueError) as error:  # their text is one line
        return refuse(prog, str(error))
    make_mcp_server(respondents, settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
