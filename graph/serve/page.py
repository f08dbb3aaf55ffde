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
        with open_socket(given.host, given.port) as door:
            # read before anything is served, since a request must not wait for it
            asyncio.run(_serve(given, door, settings_from_flags(given), people_from_flags(given)))
    except (
        OSError,
        ValueError,
    ) as error:  # ports, files, and all of ours that say in one line what is wrong
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
    door: socket.socket,
    to: "Settings",
    respondents: "Respondents | None",
) -> None:
    """Serve until interrupted."""
    from graph.chat import build
    from graph.conversation.threads import open_threads
    from graph.serve.pages.application import PageServer, make_application
    from graph.serve.pages.visit import RespondentIndex, Site

    guard = set_guard(given.host, given.guard)
    guarded = bool(accepted_keys())
    host = (
        f"[{given.host}]"
        if ":" in given.host
        else "127.0.0.1"
        if given.host == "0.0.0.0"
        else given.host
    )
    said = f"Page:  http://{host}:{door.getsockname()[1]} (Ctrl-C ends it)\nGuard: {guard}"
    async with open_threads(given.threads) as checkpointer:
        site = Site(RespondentIndex.of(respondents), to, build(checkpointer), guarded)
        await PageServer(
            make_application(site, local=is_loopback(given.host) and not guarded), said
        ).serve(sockets=[door])


if __name__ == "__main__":
    sys.exit(main())
