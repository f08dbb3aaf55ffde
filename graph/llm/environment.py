"""Validate what the environment adds to a request: keys, proxies and certificates."""

import os
import re
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from graph.llm.addresses import ModelError, host_of, is_local, redact_address

QUOTES = "\"'`´‘’‚“”„«»"
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
SENT = ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_PROJECT_ID")
"""Variables that the client sends in the headers of each request."""


@dataclass(frozen=True)
class Proxy:
    """A proxy that the environment names for an address."""

    variable: str
    url: str

    def __str__(self) -> str:
        return f"the proxy {redact_address(self.url)} ({self.variable})"


def validate_environment(url: str) -> None:
    """Raise ModelError, one line that names the variable, where no request to this address could
    succeed.
    """
    for variable in SENT:
        validate_key(variable)
    _validate_proxy(url)
    for variable in CERTIFICATES:
        _validate_certificates(variable)
    if url.startswith("https:"):
        _validate_certificates("REQUESTS_CA_BUNDLE")


def validate_key(variable: str) -> None:
    """Raise ModelError, one line that never shows the key, where a variable holds what no header
    may.
    """
    key = os.environ.get(variable, "")
    if fault := _fault(key):
        raise ModelError(f"{variable} {fault}: set it again without")


def _fault(key: str) -> str:
    """Return what is wrong with a key; "" where nothing is."""
    if not key:
        return ""
    for place, character in (("starts with", key[0]), ("ends in", key[-1])):
        if fault := _forbidden(character):
            return f"{place} {fault}"
        if character in QUOTES:
            return f"{place} a quotation mark ({character})"
    for character in key:
        if fault := _forbidden(character):
            return f"holds {fault}"
    return ""


def _forbidden(part: str) -> str:
    """Return the name of a character that no key holds; "" for one that keys may hold."""
    if part in "\r\n":
        return "a line break"
    if part.isspace():
        return "a tab" if part == "\t" else "a space"
    if part in QUOTES and not part.isascii():
        return f"a quotation mark ({part})"
    if not part.isprintable():
        return f"a character that cannot be seen (U+{ord(part):04X})"
    return "" if part.isascii() else f"a letter that no key has ({part})"


def proxy_for(url: str) -> Proxy | None:
    """The proxy on the way to this address; None where there is none, as on the way to this
    machine.
    """
    host = host_of(url)
    if not host or is_local(host) or proxy_bypass(host):
        return None
    scheme = url.partition(":")[0]
    found = getproxies()
    name = scheme if found.get(scheme) else "all"
    if not found.get(name):
        return None
    named = [part for part in (f"{name}_proxy", f"{name}_PROXY".upper()) if os.environ.get(part)]
    return Proxy(named[0] if named else "set in the system", found[name])


def _validate_proxy(url: str) -> None:
    """Raise ModelError for a proxy that cannot be used."""
    if os.environ.get("OPENAI_PROXY"):
        raise ModelError(
            "OPENAI_PROXY is not read: name the proxy in HTTPS_PROXY or HTTP_PROXY, and unset it"
        )
    proxy = proxy_for(url)
    if proxy is None:
        return
    way_out = f"name another, or {host_of(url)} in NO_PROXY to go past it"
    scheme, found, _ = proxy.url.partition("://")
    if found and scheme not in {"http", "https"}:
        raise ModelError(f"{proxy.variable}: {scheme} proxies cannot be used; {way_out}")
    if not re.fullmatch(
        r"(https?://)?([^/@\s]*@)?(\[[0-9a-fA-F:.]+\]|[^:/@\s\[\]]+)(:\d{1,5})?/?", proxy.url
    ):
        raise ModelError(f"{proxy.variable} holds no address of a proxy; {way_out}")


def _validate_certificates(variable: str) -> None:
    """Raise ModelError where a variable names certificates that cannot be read."""
    named = os.environ.get(variable)
    if named:
        _read_certificates(variable, named)


@cache
def _read_certificates(variable: str, named: str) -> None:
    """As `_validate_certificates`; what was found sound is not read again."""
    if variable == "SSL_CERT_DIR" or (variable == "REQUESTS_CA_BUNDLE" and Path(named).is_dir()):
        if not Path(named).is_dir():
            raise ModelError(
                f"{variable} names {named}, which is no directory; unset it or name another"
            )
        return
    try:
        ssl.create_default_context(cafile=named)
    except ssl.SSLError:
        raise ModelError(
            f"{variable} names {named}, which holds no certificates; name another file"
        ) from None
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise ModelError(
            f"{variable} names {named}: {why}; unset it or name another file"
        ) from None
