"""The bearer keys that open a guarded server, and whose they are."""

import hmac
import os
import secrets
from hashlib import sha256
from ipaddress import ip_address

VARIABLE = "VALUESIM_KEYS"
"""Comma-separated keys; each is an owner of its own."""
OPEN = "VALUESIM_OPEN"
"""Set to 1, it lets anybody in without a key."""


def keys() -> list[str]:
    """The keys that this process was given."""
    return [key for part in os.environ.get(VARIABLE, "").split(",") if (key := part.strip())]


def new_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(24)


def owner_of(authorization: str) -> str | None:
    """Whose key an Authorization header carries: the first 16 hex digits of its sha256; None where it opens nothing.

    Every key is compared in full, in a time that tells nothing about where they differ.
    """
    scheme, _, given = authorization.partition(" ")
    digest = sha256(given.strip().encode(errors="surrogateescape")).digest()
    found = [hmac.compare_digest(digest, sha256(key.encode()).digest()) for key in keys()]
    return digest.hex()[:16] if any(found) and scheme.lower() == "bearer" else None


def is_loopback(host: str) -> bool:
    """Whether this is this machine's own name or address, without a port."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"  # no other name: 127.0.0.1.example.org may be anybody's
