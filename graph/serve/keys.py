"""The bearer keys of a guarded server or page: their owners, and when a request needs one."""

import hmac
import os
import secrets
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

VARIABLE = "VALUESIM_KEYS"
"""Comma-separated keys; each is an owner of its own."""
OPEN = "VALUESIM_OPEN"
"""Set to 1, it lets anybody in without a key."""


def accepted_keys() -> list[str]:
    """The keys in the environment of this process."""
    parts = os.environ.get(VARIABLE, "").split(",")
    return list(filter(None, map(str.strip, parts)))


def new_key() -> str:
    """A random key."""
    return secrets.token_urlsafe(24)


def owner_of(authorization: str) -> str | None:
    """The owner of the key in an Authorization header; None where the key is wrong.

    An owner is the first 16 hex digits of the key's sha256. The comparison with each key takes the
    same time wherever they differ.
    """
    scheme, _, given = authorization.partition(" ")
    digest = sha256(given.strip().encode(errors="surrogateescape")).digest()
    found = [hmac.compare_digest(digest, sha256(key.encode()).digest()) for key in accepted_keys()]
    return digest.hex()[:16] if any(found) and scheme.lower() == "bearer" else None


def host_name(host: str) -> str:
    """The name in a Host header, without the port; "" where it cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether this is this machine's own name or address, without a port."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"  # no other name: 127.0.0.1.example.org may be anybody's


def set_guard(host: str, wanted: bool | None) -> str:
    """Set the environment that turns the guard on or off, and return a line that says which.

    `wanted` None: on where there are keys, or where other machines can connect. Where the guard is
    on and there is no key, this makes one; where it is off, it removes all keys.
    """
    if wanted is None:
        wanted = bool(accepted_keys()) or not is_loopback(host)
    os.environ.pop(OPEN, None)
    if not wanted:
        os.environ.pop(VARIABLE, None)
        if is_loopback(host):
            return "off; only this machine is served"
        os.environ[OPEN] = "1"
        return "OFF; anybody who reaches this address may use the models it is set up with"
    if accepted_keys():
        return f"on, with the keys of {VARIABLE}"
    os.environ[VARIABLE] = new_key()
    return f"on; the key, shown only here, is {os.environ[VARIABLE]}"
