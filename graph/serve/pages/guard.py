"""Who may see the page: a layer round the whole application, over plain requests and the websocket
alike.

Every browser that talks to it must come from the page itself (`Origin`), and where no key is asked
for, by a name of this very machine (`Host`): no other site that somebody has open can then reach a
page on loopback.
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
"""Where a request carries whose it is."""
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
    """Let through what may pass, and mark it with its owner.

    `login` asks for a key; None asks for none, and then each browser is an owner of its own, known
    by a random cookie. `local`: answer under names of this machine alone, as a page without keys
    must.
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
        refusal = self._stranger(headers)
        if refusal is None and self.login:
            refusal = await self.login.answer(scope, receive)
        if refusal is None:
            refusal, owner, cookie = self._owner(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, _hardened(send, ""))
        else:
            await self.app({**scope, OWNER: owner}, receive, _hardened(send, cookie))

    def _stranger(self, headers: Headers) -> Response | None:
        """A refusal where a request comes under a false name or from the page of another site."""
        host = headers.get("host", "")
        if self.local and not is_loopback(host_name(host)):
            return PlainTextResponse("This page answers under the name of this machine only.", 421)
        if headers.get("origin", f"//{host}").partition("//")[2] != host:
            return PlainTextResponse("This page answers its own pages only.", 403)
        return None

    def _owner(self, scope: Scope, headers: Headers) -> tuple[Response | None, str, str]:
        """Whose request it is, and a cookie to set; a refusal where a key is asked for and none was
        shown.
        """
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
    """To the form, for somebody who opens the page; 401 for everything else."""
    if (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and "text/html" in headers.get("accept", "")
    ):
        return RedirectResponse(LOGIN, 303)
    return PlainTextResponse("A key is needed.", 401, {"WWW-Authenticate": "Bearer"})


def _hardened(send: Send, cookie: str) -> Send:
    """The same channel, with the headers that every answer carries."""

    async def hardened(message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if cookie:
                headers.append("Set-Cookie", cookie)
        await send(message)

    return hardened
