"""A page on which one asks a simulated person and talks with one: `python -m graph.serve.page`, or
`make page`.
"""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.command_line.flag import SettingsError
from graph.command_line.parser import refuse
from graph.command_line.read import read_settings
from graph.serve.keys import accepted_keys, is_loopback, set_guard
from graph.serve.listen import open_socket
from graph.serve.settings import PageSettings, graph_settings_of, people_of

if TYPE_CHECKING:
    from graph.settings import Settings
    from survey.respondents import Respondents

ABOUT = "Serve a page on which one asks a simulated person and talks with one."
EXAMPLES = ("", "--model ollama:llama3.1:8b --threads talks.sqlite")


def main(arguments: Sequence[str] | None = None, prog: str = "graph.serve.page") -> int:
    """Run until interrupted. Exits with 2, and one line, when it cannot start."""
    try:
        given = read_settings(PageSettings, prog, ABOUT, arguments, EXAMPLES)
    except SettingsError as error:
        return refuse(prog, str(error))
    # NiceGUI would look for files of its own in the working directory; what visitors do is never
    # written there.
    os.environ["NICEGUI_STORAGE_PATH"] = str(
        Path(tempfile.gettempdir()) / "valuesim-page-keeps-nothing"
    )
    try:
        import nicegui as _installed  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "nicegui":
            raise
        return refuse(prog, "the page needs NiceGUI: pip install -e '.[page]' in the checkout")
    try:
        with open_socket(given.host, given.port) as listener:
            # read before the server starts, since no request must wait for it
            settings, people = graph_settings_of(given), people_of(given)
            asyncio.run(_serve(given, listener, settings, people))
    except (OSError, ValueError) as error:  # their text is one line
        return refuse(prog, str(error))
    except KeyboardInterrupt:
        pass
    return 0


async def _serve(
    given: PageSettings,
    listener: socket.socket,
    settings: "Settings",
    respondents: "Respondents | None",
) -> None:
    """Serve until interrupted."""
    from graph.chat import build
    from graph.conversation.threads import open_threads
    from graph.serve.pages.application import PageServer, make_application
    from graph.serve.pages.visit import RespondentIndex, Site

    guard = set_guard(given.host, given.guard)
    guarded = bool(accepted_keys())
    url = f"http://{_url_host(given.host)}:{listener.getsockname()[1]}"
    greeting = f"Page:  {url} (Ctrl-C ends it)\nGuard: {guard}"
    async with open_threads(given.threads) as checkpointer:
        site = Site(RespondentIndex.of(respondents), settings, build(checkpointer), guarded)
        application = make_application(site, local=is_loopback(given.host) and not guarded)
        await PageServer(application, greeting).serve(sockets=[listener])


def _url_host(host: str) -> str:
    """The host as it stands in an address that a browser on this machine can open."""
    if ":" in host:
        return f"[{host}]"
    return "127.0.0.1" if host == "0.0.0.0" else host


if __name__ == "__main__":
    sys.exit(main())
