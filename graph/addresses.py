"""Addresses of model servers: which may be used, how they are shown, and whether they are on this machine."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

SECRET = re.compile(r"(?<=//)[^/?#\s]*@")


class ModelError(ValueError):
    """A model that cannot be used as named; one line says what to do."""


def hold_address(url: str, where: str, key: str) -> None:
    """Raise ModelError, one line, for an address that may hold a secret; `key` is the variable where keys belong.

    An address is written into files and onto the screen, so the secret would be too.
    """
    if "@" in url.partition("://")[2].partition("/")[0] or SECRET.search(url):
        raise ModelError(f"{where}: an address holds no user name or password; put the key in {key}")
    if "?" in url or "#" in url:
        raise ModelError(f"{where}: an address ends before '?' or '#'; put the key in {key}")


def shown(url: str) -> str:
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
