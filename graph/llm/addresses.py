"""Validate and redact addresses of model servers, and tell whether they are on this machine."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

OPENAI = "https://api.openai.com/v1"
LOCAL: Mapping[str, str] = {
    "ollama": "http://localhost:11434/v1",
    "vllm": "http://localhost:8000/v1",
}
SMOLLM2, GGUF = "smollm2", "gguf"
"""Models in this process: SmolLM2-135M-Instruct (Apache-2.0), a real and very weak model, by its
own name, and any GGUF file as `gguf:PATH`.
"""
SECRET = re.compile(r"(?<=//)[^/?#\s]*@")


class ModelError(ValueError):
    """A model that cannot be used as named; one line says what to do."""


def validate_address(url: str, where: str, key: str) -> None:
    """Raise ModelError, one line, for an address that may hold a secret; `key` is the variable
    where keys belong.

    An address is written into files and onto the screen, so the secret would be too.
    """
    if "@" in url.partition("://")[2].partition("/")[0] or SECRET.search(url):
        raise ModelError(
            f"{where}: an address holds no user name or password; put the key in {key}"
        )
    if "?" in url or "#" in url:
        raise ModelError(f"{where}: an address ends before '?' or '#'; put the key in {key}")


def redact_address(url: str) -> str:
    """An address without what may be a secret."""
    return SECRET.sub("", re.split("[?#]", url, maxsplit=1)[0])


def host_of(url: str) -> str:
    """The host of an address; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_local(host: str) -> bool:
    """Whether a host is this machine, so that no proxy leads there."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        place = ip_address(host)
    except ValueError:
        return False
    return place.is_loopback or place.is_unspecified


def is_openai_compatible(name: str) -> bool:
    """Whether a model of this name is asked over the OpenAI protocol."""
    return name.partition(":")[0] in {"openai", *LOCAL}


def is_local_model(name: str) -> bool:
    """Whether a model of this name is a file that runs in this process."""
    return name == SMOLLM2 or name.partition(":")[0] == GGUF


def has_no_server(name: str) -> bool:
    """Whether a model of this name answers in this process, so that no address is of its server."""
    return name == "offline" or is_local_model(name)


def coordinator_url(name: str, chat: str, chat_url: str | None) -> str | None:
    """Where a coordinator's own model is asked when only the chat server has an address.

    It is asked there where it is of the same provider, or where nothing else is; a name such as
    `ollama:NAME` beside a chat model of another provider names a place of its own.
    """
    same = name.partition(":")[0] == chat.partition(":")[0]
    return chat_url if same or has_no_server(chat) else None


def embeddings_url(name: str, chat_url: str | None) -> str | None:
    """Where embeddings are asked when only the chat server has an address: there, and not at
    OpenAI.

    Nothing goes to a server that was not named. A name such as `ollama:NAME` names a place of its
    own.
    """
    return chat_url if name.partition(":")[0] == "openai" else None
