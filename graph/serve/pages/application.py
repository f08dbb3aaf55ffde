"""The application: NiceGUI, the one page, and the guard around both."""

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
from graph.serve.pages.visit import (
    FIRST_ROW,
    Site,
    Visit,
    conversation_from_address,
    row_from_address,
)

GRACE = 3  # seconds that open requests are given when the page ends
RECONNECT = 60.0  # seconds for which a phone may lose its connection without losing its page


def make_application(site: Site, local: bool) -> ASGIApp:
    """Make the whole application; `local`: it answers under names of this machine alone."""

    @ui.page("/")
    async def _page(request: Request, person: str = "", talk: str = "") -> None:
        row = row_from_address(person, site.people)
        persona = site.respondent(row or min(FIRST_ROW, len(site.people.names)))
        visit = Visit(
            site, request.scope[OWNER], conversation_from_address(talk), persona, row or FIRST_ROW
        )
        past = await read_thread_history(visit)
        if past.profile and not row:
            profile, name = past.profile, past.name
            visit.row = 0
            visit.persona = Persona.from_profile(profile, name=name, settings=site.settings)
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
    """A server that prints its greeting once it answers, and ends on Ctrl-C without output."""

    def __init__(self, app: ASGIApp, greeting: str) -> None:
        quiet: Any = {
            "log_level": "warning",
            "access_log": False,
            "server_header": False,
            "ws": "wsproto",
        }
        super().__init__(uvicorn.Config(app, timeout_graceful_shutdown=GRACE, **quiet))
        self.greeting = greeting

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and print the greeting."""
        await super().startup(sockets)
        print(self.greeting, flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End the server on a signal; unlike uvicorn's own, it does not raise it again."""
        before = {}
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
