"""What stands in front of the whole server: the routes that the development server leaves open to
all are shut.

`langgraph dev` answers some routes before it asks who is there: one clears all threads, one shows
any thread, one starts a deployment. None is for users of this server.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SHUT = ("internal", "deploy")


class RouteBlock:
    """Answers 404 for the routes that are shut, and hands everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the first part of the path alone."""
        shut = str(scope.get("path", "")).strip("/").partition("/")[0] in SHUT
        await (PlainTextResponse("not found", 404) if shut else self.app)(scope, receive, send)


app = Starlette(middleware=[Middleware(RouteBlock)])
