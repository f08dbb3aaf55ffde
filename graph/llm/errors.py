"""Errors of model servers: which are tried again, which stop a run, which fail one question."""

import math
import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from graph.llm.redaction import shorten

RETRIED = {408, 409, 425, 429, 500, 502, 503, 504, 529}
FATAL = {
    401: "the key was refused",
    402: "the account is empty",
    407: "the proxy asks for a name and a password",
}
REFUSED = {403: "access was refused", 404: "no such model or address"}
LOST = (
    "APIConnectionError",
    "APITimeoutError",
    "ConnectError",
    "ReadTimeout",
    "TimeoutError",
    "ConnectionResetError",
)
NO_MONEY = re.compile(
    r"insufficient[ _](?:\w+[ _])?(?:quota|balance|credits?|funds)"
    r"|billing[ _](?:hard[ _]limit|not[ _]active)"
    r"|credit balance"
    r"|(?:balance|credits?) (?:is|are) (?:too low|insufficient|exhausted|used up)"
    r"|out of credits?"
    r"|not enough (?:credits?|balance|funds)"
    r"|no (?:remaining )?credits"
    r"|payment[ _]required"
    r"|arrear"
    r"|account[ _]?overdue"
    r"|more credits"
    r"|spending[ _]limit"
    r"|(?:has|have|n't have|without) (?:no |any )credits"
    r"|current[ _]quota[ _]error"
    r"|account\b.{0,40}\bsuspended"
    r"|usage limits?\b.{0,60}regain"
    r"|key limit exceeded"
    r"|欠费|余额不足|餘額不足|额度不足|额度已用|请充值",
    re.IGNORECASE,
)
"""What servers say, whatever the status, when an account has no credit left."""


MARKUP = re.compile(
    r"<(?:style|script)\b.*?</(?:style|script)>|</?[a-z!][^<>]{0,500}>", re.IGNORECASE | re.DOTALL
)
"""The markup of an HTML page that a server sends in place of an error."""


class RunAbortedError(Exception):
    """A fault that every further call would meet; the run ends here, and what it has is kept. One
    line says why.
    """


class FaultError(Exception):
    """A call that brought nothing that can be used, for a cause that one line tells; `kind` is a
    word for its row.

    `again`: another try may help, and `tries` is how many there may be. `fatal`: every further call
    would meet it too.
    """

    kind = "fault"
    again = False
    tries: float = math.inf
    fatal = False


class CallFailedError(FaultError):
    """One call that failed. `status_code` and `code` are the server's own, also of an error with
    status 200.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        again: bool = False,
        tries: float = math.inf,
        status_code: int | None = None,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.kind, self.again, self.tries = kind, again, tries
        self.status_code, self.code = status_code, code

    def __reduce__(self) -> "tuple[type[CallFailedError], tuple[str, str], dict[str, Any]]":
        """How it travels back from another process."""
        return type(self), (self.kind, str(self)), self.__dict__


class PendingReplyError(Exception):
    """An answer that is not there yet: its request was put aside, to be asked with others. No
    failure, and no row.
    """


ABOUT_THE_PROMPT = re.compile(
    r"content[ _-](?:\w+[ _-])?(?:filter|policy)"
    r"|context[ _-](?:length|window|size)"
    r"|too many tokens"
    r"|prompt is too long"
    r"|maximum (?:prompt|input) length"
    r"|string_above_max_length",
    re.IGNORECASE,
)


def speaks_of_the_prompt(error: Exception) -> bool:
    """Whether a refusal says itself that it is this prompt's: its topic, or its length."""
    return ABOUT_THE_PROMPT.search(f"{server_codes(error)} {error_text(error)}") is not None


def fatal_reason(error: Exception) -> str:
    """Why every further call would meet this fault too; empty when it would not, or a probe must
    tell.
    """
    status = status_of(error)
    if isinstance(error, sqlite3.Error):
        return "the call store cannot be written"
    if isinstance(error, FaultError) and error.fatal:
        return error_text(error)
    if status in (None, 400, 402, 403, 429) and (status or getattr(error, "code", None)):
        said = NO_MONEY.search(f"{server_codes(error)} {error_text(error)}")
        if said:
            return "the quota is used up" if "quota" in said[0].lower() else FATAL[402]
    return FATAL.get(status or 0, "")


def is_refusal(error: Exception) -> bool:
    """Whether a server understood a request and will not serve it, now or later."""
    status = status_of(error) or 0
    return 400 <= status < 500 and status not in RETRIED


def is_retryable(error: Exception) -> bool:
    """Whether another try may succeed."""
    return status_of(error) in RETRIED or (
        error.again if isinstance(error, FaultError) else error_code(error) in LOST
    )


def failure_of(error: Exception) -> CallFailedError:
    """An error as the failure of one call."""
    if isinstance(error, CallFailedError):
        return error
    return CallFailedError(error_code(error), error_text(error), status_code=status_of(error))


def error_code(error: Exception) -> str:
    """A word for an error's row: the status, or the kind of exception, by the plain name where that
    was lost.
    """
    if isinstance(error, FaultError):
        return error.kind
    status = status_of(error)
    if connection_error_of(error) is not None:
        return "APIConnectionError"
    names = [
        cls.__name__ for cls in type(error).__mro__
    ]  # LangChain raises subclasses of the provider's own
    return f"http_{status}" if status else next((name for name in names if name in LOST), names[0])


def error_text(error: Exception) -> str:
    """What went wrong in the server's own words where it has any, on one line, of bearable length,
    without keys.
    """
    said = server_message(getattr(error, "body", None)) if status_of(error) else ""
    lost = connection_error_of(error)
    if lost is not None:
        return shorten(f"the connection failed ({lost})")
    return shorten(MARKUP.sub(" ", said or str(error))) or type(error).__name__


def connection_error_of(error: Exception) -> OSError | None:
    """Return the system's own error where a connection broke off; None for any other error.

    Clients wrap it in errors of their own, and one of them calls a reset connection a timeout.
    """
    if not {cls.__name__ for cls in type(error).__mro__}.intersection(
        ("APIConnectionError", "RequestError")
    ):
        return None
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


def server_message(said: Any) -> str:
    """The message in what a server sent as an error, whatever its form; empty where there is
    none.
    """
    if isinstance(said, str):
        return said.strip()
    if isinstance(said, list):
        return server_message(said[0]) if said else ""
    if not isinstance(said, Mapping):
        return ""
    names = ("message", "error", "detail", "msg", "error_message", "error_msg", "reason", "errors")
    message = next(filter(None, (server_message(said.get(name)) for name in names)), "")
    more = said.get("metadata")
    raw = server_message(more.get("raw")) if isinstance(more, Mapping) else ""
    return f"{message}: {raw}" if message and raw and raw not in message else message or raw


def server_codes(error: Exception) -> str:
    """The words by which a server names an error, where it has any."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, Mapping) else None
    return f"{getattr(error, 'code', None) or ''} {code_of(inner)}"


def code_of(said: Any) -> str:
    """The words by which an error is named in what a server sent: its code, type and status."""
    if not isinstance(said, Mapping):
        return ""
    inner = said.get("error")
    told = inner if isinstance(inner, Mapping) else said
    words = (told.get(name) for name in ("code", "type", "status"))
    return " ".join(word for word in words if isinstance(word, str))


def status_of(error: Exception) -> int | None:
    """The number of an error, of HTTP or told in a reply; None where there is none."""
    status: object = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None
