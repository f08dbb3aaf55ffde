"""Blocks the routes that the development server would leave open to everybody.

`langgraph dev` answers some routes before it authenticates: one clears all threads, one shows any
thread, one starts a deployment. None is for users of this server.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

BLOCKED = ("internal", "deploy")


class RouteBlock:
    """Middleware that answers 404 for blocked routes, and hands everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the first part of its path decides."""
        first = str(scope.get("path", "")).strip("/").partition("/")[0]
        answer = PlainTextResponse("not found", 404) if first in BLOCKED else self.app
        await answer(scope, receive, send)


app = Starlette(middleware=[Middleware(RouteBlock)])
