"""Simulated people as tools for desktop clients and agents, over MCP on stdio: `python -m
graph.serve.mcp`.
"""

import sys
from collections.abc import Sequence

from graph.llm.factory import ModelError
from graph.persona.sample import sample_respondents
from graph.serve.flags import (
    Parser,
    add_person_flags,
    people_from_flags,
    refuse,
    settings_from_flags,
)
from survey.archive import DataError


def main(arguments: Sequence[str] | None = None, prog: str = "graph.serve.mcp") -> int:
    """Serve until the client hangs up. Returns 2, and says one line, when it cannot start."""
    given = _parser(prog).parse_args(arguments)
    try:
        from graph.serve.mcp_server import make_mcp_server
    except ModuleNotFoundError as error:
        return refuse(prog, f"{error.name} is not installed: pip install 'valuesim[mcp]'")
    try:
        settings = settings_from_flags(given)
        respondents = people_from_flags(given) or sample_respondents()
    except (ModelError, DataError, OSError) as error:
        return refuse(prog, str(error))
    make_mcp_server(respondents, settings).run()
    return 0


def _parser(prog: str) -> Parser:
    """The command line."""
    parser = Parser(prog=prog, description=(__doc__ or "").partition(":")[0], allow_abbrev=False)
    add_person_flags(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
