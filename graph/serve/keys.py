"""The bearer keys that open a guarded server or page, whose they are, and when one is asked for."""

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
    """The keys that this process was given."""
    return [key for part in os.environ.get(VARIABLE, "").split(",") if (key := part.strip())]


def new_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(24)


def owner_of(authorization: str) -> str | None:
    """Whose key an Authorization header carries: the first 16 hex digits of its sha256; None where
    it opens nothing.

    Every key is compared in full, in a time that tells nothing about where they differ.
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
    """Set the environment by which the guard goes, making a key where one is asked for and none is
    there.

    `wanted` None: guarded where there are keys, or where others than this machine are listened to.
    Afterwards there are `keys` if it is guarded, and none if it is not. Returns what to say about
    it.
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
