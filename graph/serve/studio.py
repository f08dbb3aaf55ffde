"""Serve the graphs for LangGraph Studio, chat pages and agents: `python -m graph.serve.studio`, or
`make studio`.

It is `langgraph dev` without key, account or network. Bound to anything but this machine, it is
guarded: see `graph.serve.keys`.
"""

import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from graph.command_line.flag import SettingsError
from graph.command_line.parser import refuse
from graph.command_line.read import read_settings
from graph.serve.keys import set_guard
from graph.serve.listen import open_socket
from graph.serve.settings import ListenSettings

ABOUT = (
    "Serve the graphs for LangGraph Studio, chat pages and agents. Models and rules are chosen in "
    "Studio's forms, or sent with each run."
)
EXAMPLES = ("", "--host 0.0.0.0 --port 8000")
NAME = "langgraph.json"
DEV = ("--no-browser", "--no-reload", "--n-jobs-per-worker", "10")
"""Ten runs at the same time: by itself `langgraph dev` does one after the other."""
INTERRUPTED = 130
STUDIO = "https://smith.langchain.com/studio/?baseUrl="
QUIET = {
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
}
ACCOUNT = (
    "LANGSMITH_API_KEY",
    "LANGCHAIN_API_KEY",
    "LANGSMITH_CONTROL_PLANE_API_KEY",
    "LANGGRAPH_CLOUD_LICENSE_KEY",
)
"""With one of these the server would report to the account it belongs to."""


def main(arguments: Sequence[str] | None = None, prog: str = "graph.serve.studio") -> int:
    """Run until interrupted. Exits with 2, and one line, when it cannot start."""
    try:
        options = read_settings(ListenSettings, prog, ABOUT, arguments, EXAMPLES)
    except SettingsError as error:
        return refuse(prog, str(error))
    if not all(find_spec(package) for package in ("langgraph_cli", "langgraph_api")):
        return refuse(
            prog, "the server is not installed: pip install -e '.[studio]' in the checkout"
        )
    try:
        # `langgraph dev` would take another port without saying so
        open_socket(options.host, options.port).close()
    except OSError as error:
        return refuse(prog, str(error))
    os.environ.update(QUIET)
    for name in ACCOUNT:
        os.environ.pop(name, None)
    _announce(options.host, options.port, set_guard(options.host, options.guard))
    return _serve(
        prog, ["--host", options.host, "--port", str(options.port), "--config", str(_config())]
    )


def _serve(prog: str, place: Sequence[str]) -> int:
    """Run `langgraph dev` until it is told to stop."""
    import langgraph.version as _first  # noqa: F401  # `dev` puts the working directory on the path
    from click import Abort, ClickException
    from langgraph_cli.cli import cli

    try:
        cli.main(["dev", *place, *DEV], prog_name="langgraph", standalone_mode=False)
    except ClickException as error:
        return refuse(prog, error.format_message())
    except Abort:
        return INTERRUPTED
    return 0


def _announce(host: str, port: int, guard: str) -> None:
    """Print the addresses of the server, and how it is guarded."""
    name = "127.0.0.1" if host == "0.0.0.0" else host
    url = f"http://{name}:{port}"
    print(f"Server: {url}\nStudio: {STUDIO}{url}\nDocs:   {url}/docs\nGuard:  {guard}", flush=True)


def _config() -> Path:
    """The list of graphs: beside this file where it was installed, at the root of a checkout."""
    installed = Path(str(files("graph.serve"))) / NAME
    return installed if installed.is_file() else Path(__file__).parents[2] / NAME


if __name__ == "__main__":
    sys.exit(main())
