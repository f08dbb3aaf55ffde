"""Signs in to the guarded page: a form takes a key, and a session replaces it."""

import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from importlib.resources import files
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from graph.serve.keys import owner_of

LOGIN, LOGOUT = "/login", "/logout"
SESSION = "valuesim_session"
HOURS = 12
WRONG, WITHIN = 10, 60
"""After so many wrong keys in so many seconds from one address it is asked to wait."""
SESSIONS = 10_000
BODY = 4096


@dataclass
class Login:
    """The sessions of those who showed one of the keys that `graph.serve.keys` knows.

    The cookie holds a random token, never the key; sessions live in memory, so a restart asks for
    the key again.
    """

    _sessions: dict[str, tuple[str, float]] = field(default_factory=dict)
    _wrong: dict[str, deque[float]] = field(default_factory=dict)

    def owner(self, scope: Scope, authorization: str, session: str) -> str:
        """Whose request this is, by bearer key or by session; "" where neither holds."""
        scheme, _, key = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._look_up(scope, key.strip())
        owner, until = self._sessions.get(session, ("", 0.0))
        return owner if time.monotonic() < until else ""

    async def answer(self, scope: Scope, receive: Receive) -> Response | None:
        """Answer the requests of the form and of signing out; None for every other request."""
        if scope["type"] != "http" or scope["path"] not in {LOGIN, LOGOUT}:
            return None
        request = Request(scope, receive)
        if request.method != "POST":
            return login_form("")
        if scope["path"] == LOGOUT:
            return self._end(request)
        is_blocked = self._is_blocked(scope)  # first, since looking up counts a wrong key
        # a right key always passes, since others may share an address
        owner = self._look_up(scope, await _key(request))
        if not owner and is_blocked:
            return login_form("Too many wrong keys came from your address. Wait a minute.", 429)
        if not owner:
            return login_form("That key is not known here.", 401)
        response = RedirectResponse("/", 303)
        response.headers["Set-Cookie"] = cookie_of(scope, SESSION, self._begin(owner), HOURS * 3600)
        return response

    def _end(self, request: Request) -> Response:
        """End the session, and redirect to the form."""
        self._sessions.pop(request.cookies.get(SESSION, ""), None)
        response = RedirectResponse(LOGIN, 303)
        response.headers["Set-Cookie"] = cookie_of(request.scope, SESSION, "", 0)
        return response

    def _begin(self, owner: str) -> str:
        """Begin a session of this owner; the oldest one ends where there are too many."""
        token = secrets.token_urlsafe(32)
        self._sessions[token] = (owner, time.monotonic() + HOURS * 3600)
        while len(self._sessions) > SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return token

    def _look_up(self, scope: Scope, key: str) -> str:
        """The owner of a key; "" for a wrong one, which is counted."""
        if owner := owner_of(f"Bearer {key}"):
            return owner
        self._wrong.setdefault(_address(scope), deque(maxlen=WRONG)).append(time.monotonic())
        return ""

    def _is_blocked(self, scope: Scope) -> bool:
        """Whether too many wrong keys came from this address lately; old ones are forgotten."""
        now = time.monotonic()
        self._wrong = {
            place: times for place, times in self._wrong.items() if now - times[-1] < WITHIN
        }
        times = self._wrong.get(_address(scope), deque())
        return len(times) == WRONG and now - times[0] < WITHIN


def cookie_of(scope: Scope, name: str, value: str, seconds: int) -> str:
    """A Set-Cookie header that no script can read, and that is sent from our own pages only."""
    secure = "; Secure" if scope["scheme"] in {"https", "wss"} else ""
    return f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def login_form(error: str, status: int = 200) -> HTMLResponse:
    """The form with one line over it, which is never text from outside."""
    page = (files("graph.serve.pages") / "login.html").read_text(encoding="utf-8")
    return HTMLResponse(page.replace("{trouble}", error), status, {"Cache-Control": "no-store"})


async def _key(request: Request) -> str:
    """The key that a form sends; "" where there is none, or the form is too long to hold one."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get("key", [""])[0].strip()


def _address(scope: Scope) -> str:
    """Where a request comes from."""
    return scope["client"][0] if scope.get("client") else ""
