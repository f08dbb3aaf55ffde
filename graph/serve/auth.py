"""Authentication and authorization of the server; `langgraph.json` names this module.

With keys, a request needs one of them. Without, the server answers programs on this machine alone,
and web pages in a browser here only where langgraph.json lists their address. Threads and
assistants belong to who makes them.
"""

import json
import os
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from langgraph_sdk import Auth

from graph.llm.addresses import GGUF
from graph.request_parameters import AUTO
from graph.serve.keys import OPEN, VARIABLE, accepted_keys, host_name, is_loopback, owner_of
from graph.settings import Settings

CLOSED = (
    "base_url",
    "coordinator_base_url",
    "embeddings_base_url",
    "prompts",
    "max_tokens",
    "request",
    "request_by_node",
    "timeout",
    "local_window",
    "local_threads",
    "local_parallel",
)
"""Settings that could send the server's key elsewhere, read its files, or make calls cost more."""
MODELS = ("chat", "model", "coordinator")
"""Settings that name a model, which may be a file of the server."""
LOCAL, ANYONE = "local", "anyone"
SETTINGS_PERMISSION = "settings"
"""The permission to use the closed settings, which only unguarded use on this machine has."""

auth = Auth()


@auth.authenticate
async def authenticate(
    scope: dict[str, Any], headers: dict[bytes, bytes], authorization: str | None
) -> Any:
    """Return the user who sends a request. Raises 401, one line, where the server refuses it."""
    if accepted_keys():
        # LangChain's own clients and pages send what they call an API key in a header of their own
        if owner := owner_of(authorization or f"Bearer {_text(headers, b'x-api-key')}"):
            return {"identity": owner, "is_authenticated": True, "permissions": []}
        raise _refused("this server needs a key: send the header `Authorization: Bearer KEY`")
    if os.environ.get(OPEN) == "1":
        return {"identity": ANYONE, "is_authenticated": True, "permissions": []}
    host = _text(headers, b"host")
    if not is_loopback((scope.get("client") or ("",))[0]) or not is_loopback(host_name(host)):
        raise _refused(
            f"without keys only this machine is served, by its own name: set {VARIABLE} for others"
        )
    origin = _text(headers, b"origin")
    if origin and origin not in {f"http://{host}", f"https://{host}", *allowed_origins()}:
        raise _refused("without keys only pages listed in langgraph.json are served")
    return {"identity": LOCAL, "is_authenticated": True, "permissions": [SETTINGS_PERMISSION]}


def allowed_origins() -> list[str]:
    """The pages that langgraph.json lists, from the server's `http` part in the environment."""
    http = json.loads(os.environ.get("LANGGRAPH_HTTP") or "{}")
    return list((http.get("cors") or {}).get("allow_origins") or [])


@auth.on
async def refuse_by_default(ctx: Auth.types.AuthContext, value: Any) -> bool:
    """Refuse what has no rule of its own: crons, and the store, which the graphs do not use."""
    return False


@auth.on.threads
async def own_threads(ctx: Auth.types.AuthContext, value: Any) -> dict[str, str]:
    """Give each owner their own threads alone; refuse closed settings in a run."""
    if ctx.action in ("create", "update", "create_run"):
        value["metadata"] = _signed(value.get("metadata"), ctx)
    if ctx.action == "create_run":
        kwargs = value.get("kwargs") or {}
        configurable = (kwargs.get("config") or {}).get("configurable")
        _refuse_closed_settings(ctx, [kwargs.get("context"), configurable])
    return {"owner": ctx.user.identity}


@auth.on.assistants
async def own_assistants(ctx: Auth.types.AuthContext, value: Any) -> dict[str, Any]:
    """Let everybody read the server's assistants, and change those of their own alone."""
    mine = {"owner": ctx.user.identity}
    if ctx.action in ("read", "search"):
        return {"$or": [{"created_by": "system"}, mine]}
    if ctx.action in ("create", "update"):
        value["metadata"] = _signed(value.get("metadata"), ctx)
        configurable = (value.get("config") or {}).get("configurable")
        _refuse_closed_settings(ctx, [value.get("context"), configurable])
    return mine


def _signed(
    metadata: MutableMapping[str, Any] | None, ctx: Auth.types.AuthContext
) -> MutableMapping[str, Any]:
    """Write the owner into the metadata; the same object, since the server keeps that one."""
    signed = {} if metadata is None else metadata
    signed.pop("created_by", None)  # by which the server's own assistants are known
    signed["owner"] = ctx.user.identity
    return signed


def _refuse_closed_settings(
    ctx: Auth.types.AuthContext, given: Iterable[Mapping[str, Any] | None]
) -> None:
    """Refuse the closed settings to all but unguarded use on this machine. Raises 403, one line."""
    used: set[str] = set()
    for settings in given:
        used.update(name for name in CLOSED if _changes(settings or {}, name))
        used.update(name for name in MODELS if _names_file((settings or {}).get(name)))
    if used and SETTINGS_PERMISSION not in ctx.permissions:
        raise Auth.exceptions.HTTPException(
            403, f"{', '.join(sorted(used))}: not to be set on a guarded server"
        )


def _changes(settings: Mapping[str, Any], name: str) -> bool:
    """Whether a setting is given and differs from its default, which forms send as well."""
    usual = Settings.model_fields[name].default
    if name not in settings or settings[name] == usual:
        return False
    return bool(settings[name]) or usual == AUTO  # an empty limit would be none at all


def _names_file(model: object) -> bool:
    """Whether a model is a file on the server."""
    return str(model).partition(":")[0] == GGUF


def _refused(detail: str) -> Auth.exceptions.HTTPException:
    """Return the error 401 for a request that the server refuses."""
    return Auth.exceptions.HTTPException(401, detail)


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str:
    """One header; empty where it was not sent."""
    return headers.get(name, b"").decode("latin-1")
