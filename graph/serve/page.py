"""A page on which one asks a simulated person and talks with one: `python -m graph.serve.page`, or
`make page`.
"""

import argparse
import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.serve.flags import (
    Parser,
    add_address_flags,
    add_person_flags,
    open_socket,
    people_from_flags,
    refuse,
    settings_from_flags,
)
from graph.serve.keys import accepted_keys, is_loopback, set_guard

if TYPE_CHECKING:
    from graph.settings import Settings
    from survey.respondents import Respondents


def main(arguments: Sequence[str] | None = None, prog: str = "graph.serve.page") -> int:
    """Run until interrupted. Exits with 2, and one line, when it cannot start."""
    given = _parser(prog).parse_args(arguments)
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
        return refuse(prog, "the page needs NiceGUI: pip install 'valuesim[page]'")
    try:
        with open_socket(given.host, given.port) as listener:
            # read before the server starts, since no request must wait for it
            settings, people = settings_from_flags(given), people_from_flags(given)
            asyncio.run(_serve(given, listener, settings, people))
    except (OSError, ValueError) as error:  # their text is one line
        return refuse(prog, str(error))
    except KeyboardInterrupt:
        pass
    return 0


def _parser(prog: str) -> Parser:
    """The command line."""
    parser = Parser(prog=prog, description=(__doc__ or "").partition(":")[0], allow_abbrev=False)
    add_address_flags(parser, 8080)
    add_person_flags(parser)
    parser.add_argument(
        "--threads", help="where conversations are kept: FILE or postgresql://... (default: memory)"
    )
    return parser


async def _serve(
    given: argparse.Namespace,
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
