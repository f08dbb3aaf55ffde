"""The application: NiceGUI, the one page, and the guard round both."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from nicegui import ui
from starlette.types import ASGIApp

from graph.persona.persona import Persona
from graph.serve.pages.guard import OWNER, PageGuard
from graph.serve.pages.layout import draw_page
from graph.serve.pages.login import Login
from graph.serve.pages.thread_history import read_thread_history
from graph.serve.pages.visit import FIRST, Site, Visit, conversation_from_address, row_from_address

GRACE = 3  # seconds that open requests are given when the page ends
RECONNECT = 60.0  # seconds for which a phone may lose its connection without losing its page


def make_application(site: Site, local: bool) -> ASGIApp:
    """Everything that is served; `local`: under names of this machine alone."""

    @ui.page("/")
    async def _page(request: Request, person: str = "", talk: str = "") -> None:
        row = row_from_address(person, site.people)
        persona = site.respondent(row or min(FIRST, len(site.people.names)))
        visit = Visit(
            site, request.scope[OWNER], conversation_from_address(talk), persona, row or FIRST
        )
        past = await read_thread_history(visit)
        if past.profile and not row:
            visit.row, visit.persona = (
                0,
                Persona.from_profile(past.profile, name=past.name, settings=site.settings),
            )
        draw_page(visit, past)

    app = FastAPI(openapi_url=None)
    ui.run_with(
        app,
        title="ValueSim",
        dark=None,
        favicon="💬",
        language="en-US",
        tailwind=False,
        reconnect_timeout=RECONNECT,
        show_welcome_message=False,
    )
    return PageGuard(app, Login() if site.guarded else None, local)


class PageServer(uvicorn.Server):
    """A server that says where it is once it answers, and ends on Ctrl-C without a word."""

    def __init__(self, app: ASGIApp, said: str) -> None:
        quiet: Any = {
            "log_level": "warning",
            "access_log": False,
            "server_header": False,
            "ws": "wsproto",
        }
        super().__init__(uvicorn.Config(app, timeout_graceful_shutdown=GRACE, **quiet))
        self.said = said

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        print(self.said, flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Note a signal as the wish to end; unlike uvicorn's own, it is not raised again
        afterwards.
        """
        before = {
            one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
