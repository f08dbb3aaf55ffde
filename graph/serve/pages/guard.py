"""The guard of the page: middleware around all requests, plain ones and the websocket alike.

The `Origin` of a browser's request must be the page itself, and without keys its `Host` must be a
name of this machine: no other site that is open in the browser can then reach a page on loopback.
"""

import hashlib
import secrets
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.serve.keys import host_name, is_loopback
from graph.serve.pages.login import LOGIN, SESSION, Login, cookie_of

VISITOR = "valuesim_visitor"
YEAR = 365 * 24 * 3600
OWNER = "valuesim.owner"
"""The key, in the scope of a request, of its owner."""
HEADERS = {
    # NiceGUI runs templates and scripts that stand in its page, so 'unsafe-inline' and
    # 'unsafe-eval' must stay; what this forbids is every other host: nothing is fetched from one,
    # and nothing is sent to one.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' "
        "'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri "
        "'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class PageGuard:
    """Refuse requests that may not pass, and mark others with their owner.

    With `login` a request needs a key; with None each browser is an owner of its own, by a random
    cookie. `local`: answer under names of this machine alone, as a page without keys must.
    """

    app: ASGIApp
    login: Login | None
    local: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refuse_foreign(headers)
        if refusal is None and self.login:
            refusal = await self.login.answer(scope, receive)
        if refusal is None:
            refusal, owner, cookie = self._owner(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, _hardened(send, ""))
        else:
            await self.app({**scope, OWNER: owner}, receive, _hardened(send, cookie))

    def _refuse_foreign(self, headers: Headers) -> Response | None:
        """A refusal where a request has a foreign `Host` or comes from the page of another site."""
        host = headers.get("host", "")
        if self.local and not is_loopback(host_name(host)):
            return PlainTextResponse("This page answers under the name of this machine only.", 421)
        if headers.get("origin", f"//{host}").partition("//")[2] != host:
            return PlainTextResponse("This page answers its own pages only.", 403)
        return None

    def _owner(self, scope: Scope, headers: Headers) -> tuple[Response | None, str, str]:
        """A refusal, the owner of the request, and a cookie to set; "" where there is none."""
        cookies = cookie_parser(headers.get("cookie", ""))
        if self.login:
            owner = self.login.owner(
                scope, headers.get("authorization", ""), cookies.get(SESSION, "")
            )
            return (None, owner, "") if owner else (_ask_for_key(scope, headers), "", "")
        visitor = cookies.get(VISITOR) or secrets.token_urlsafe(32)
        owner = hashlib.sha256(visitor.encode()).hexdigest()
        return None, owner, "" if VISITOR in cookies else cookie_of(scope, VISITOR, visitor, YEAR)


def _ask_for_key(scope: Scope, headers: Headers) -> Response:
    """Redirect a browser that opens the page to the form; refuse everything else with 401."""
    if (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and "text/html" in headers.get("accept", "")
    ):
        return RedirectResponse(LOGIN, 303)
    return PlainTextResponse("A key is needed.", 401, {"WWW-Authenticate": "Bearer"})


def _hardened(send: Send, cookie: str) -> Send:
    """The same channel, which adds the security headers and the cookie to every answer."""

    async def hardened(message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if cookie:
                headers.append("Set-Cookie", cookie)
        await send(message)

    return hardened
